"""Words that say nothing about what to trade: they are understood and change nothing."""

from __future__ import annotations

# These may stand between the words of a phrase.
_FUNCTION = """
    between a an the of to in into on at by for from with and or but then that this those these it its is are be was
    were been being as so after before during i i'm im me my we our you your they them their he she who what which
    how why there here s t re ve ll d it's that's when's if when whenever while where
"""
_OTHER = """
    without within than once until till up down out off over under above below between near around about against per
    via not no only also too very just both either each every all any some more most less least much many few other
    another same such do does did doing done has have had having can could will would should shall may might must
    let lets let's feel feels ages finally eventually clearly barely lately hard hardly right stay stays staying stayed
    went gone keep keeps keeping know knows think thinks mean means say says said seem seems guess hope basically
    really actually literally lol haha pls plz hey ok okay yeah yes ever always someone somebody everyone everybody
    everyone's anyone people can't won't doesn't isn't there's theres gonna wanna gotta stuff bit lot lots ton tons
    even though though because cause since like liked i've you're we're they've bam boom wow
"""
_TRADING = """
    exceed exceeds am pm
    strat strats crazy insane super mega event events play detector hunter everyone people they're k m b w dead
    cat strategy strategies system systems trade trades trader traders trading bot bots algo algos algorithm
    algorithmic automated automatic crypto cryptos cryptocurrency cryptocurrencies coin coins token tokens altcoin
    altcoins alts market markets price prices asset assets stock stocks equity equities forex fx futures perp perps
    perpetual perpetuals spot buy buys buying bought sell sells selling sold enter enters entry entries exit exits
    open opens close closes closed opening closing position positions order orders signal signals setup setups idea
    ideas rule rules condition conditions indicator indicators chart charts timeframe timeframes tf bar bars candle
    candles candlestick period periods level levels money profit profits profitable profitability gain gains loss
    losses losing win wins winning winner winners return returns risk reward stop stops target targets backtest
    backtests backtesting test tests testing optimise optimize data dataset based using use uses used combine
    combines combined combination combo plus confirm confirms confirmed confirmation filter filters filtered trigger
    triggers triggered detect detects detection look looks looking find finds wait waits waiting catch catches
    catching take takes taking go goes going get gets getting make makes making want wants need needs try trying
    build builds building create creates creating write code give show run runs running work works working follow
    following see sees happens happen occurs occur occurring shows showing comes come move moves moving hit hits
    hitting touch touches touching reach reaches reaching start starts starting turn turns turning good great best
    better nice cool simple easy basic classic advanced smart new old big small large high low higher lower strong
    weak fast slow quick quickly short long shorts longs bull bear bullish bearish side sides direction directional
    term swing scalp scalping scalper scalps day days week weeks hour hours minute minutes intraday daily weekly
    hourly please thanks something anything thing things like kind type way ways style approach method plays part
    time times first last next back again now always never often usually rarely really pretty maybe probably perhaps
    etc percent pct x average averages value values number numbers line lines zone zones area areas point points
    pips significant significantly sharp sharply sudden suddenly extreme extremely huge massive heavy during right
    left top bottom end edge edges binance bybit hyperliquid usd usdt usdc dollar dollars moondev moon dev version
"""
FUNCTION, TRADING = frozenset(_FUNCTION.split()), frozenset(_OTHER.split()) | frozenset(_TRADING.split())
COINS = {
    "btc": "BTC",
    "bitcoin": "BTC",
    "xbt": "BTC",
    "eth": "ETH",
    "ethereum": "ETH",
    "ether": "ETH",
    "sol": "SOL",
    "solana": "SOL",
    "xrp": "XRP",
    "ripple": "XRP",
    "doge": "DOGE",
    "dogecoin": "DOGE",
    "ada": "ADA",
    "cardano": "ADA",
    "bnb": "BNB",
    "avax": "AVAX",
    "link": "LINK",
    "chainlink": "LINK",
    "ltc": "LTC",
    "litecoin": "LTC",
    "hype": "HYPE",
    "sui": "SUI",
    "pepe": "PEPE",
    "wif": "WIF",
    "bonk": "BONK",
    "goog": "GOOG",
    "google": "GOOG",
    "eurusd": "EURUSD",
    "btcusd": "BTC",
    "btcusdt": "BTC",
    "ethusd": "ETH",
    "ethusdt": "ETH",
    "solusdt": "SOL",
}
