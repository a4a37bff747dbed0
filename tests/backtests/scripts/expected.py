"""What has to come of each script: it runs, or is named by its kind; and words that are said about it."""

from __future__ import annotations

from typing import NamedTuple


class Expected(NamedTuple):
    """`outcome` is `runs`, the kind of a failure, or `no_trades`. `says` is part of a note, adaptation or message."""

    outcome: str
    says: str = ""


RUNS = Expected("runs")
SUPPLIED = Expected("runs", "The run's data set was supplied")
NO_BACKTEST = Expected("runs", "makes no Backtest")
ARRAYS = Expected("runs", "Methods of pandas (rolling, shift, iloc and such) were made to work")
CUT = Expected("cut_off", "The script is cut off")

EXPECTED: dict[str, Expected] = {
    "fences/fenced_with_prose": Expected("runs", "markdown fence"),
    "fences/two_fences_one_script": Expected("runs", "2 blocks of code; they were joined"),
    "fences/second_version_counts": Expected("runs", "2 versions of the strategy; the last one"),
    "fences/fence_never_closed": Expected("runs", "markdown fence"),
    "fences/thoughts_before_code": Expected("runs", "markdown fence"),
    "fences/prose_without_fences": Expected("runs", "Words around the code"),
    "fences/notebook_and_quotes": Expected("runs", "Typographic quotes"),
    "cut_off/in_a_call": CUT,
    "cut_off/in_a_signature": CUT,
    "cut_off/left_out_with_dots": CUT,
    "cut_off/open_docstring": CUT,
    "cut_off/open_text": CUT,
    "cut_off/after_the_strategy": Expected("runs", "cut off in line 25, after its strategy"),
    "paths/exists_or_exit": Expected("runs", "Files that the script writes are not kept"),
    "paths/yfinance_two_headers": Expected("runs", "quotes that the script downloads"),
    "paths/ccxt_pages": Expected("runs", "candles that the script downloads"),
    "paths/arguments_required": SUPPLIED,
    "paths/parquet_and_loop": SUPPLIED,
    "headers/binance_twelve_columns": Expected("runs", "no column taker_buy_base; it was filled with zeros"),
    "headers/dukascopy_gmt_time": SUPPLIED,
    "headers/metatrader_date_and_time": SUPPLIED,
    "headers/no_header_six_columns": SUPPLIED,
    "headers/lower_case_kept": Expected("runs", "self.data.close was read as self.data.Close"),
    "headers/csv_reader_by_hand": SUPPLIED,
    "no_backtest/class_only": NO_BACKTEST,
    "no_backtest/made_not_run": Expected("runs", "makes a Backtest and does not run it"),
    "no_backtest/function_never_called": Expected("runs", "never calls its function run_backtest()"),
    "no_backtest/two_strategies_no_init": Expected("runs", "2 strategies; NightOwl, the last"),
    "data_frame/columns_in_init": SUPPLIED,
    "data_frame/frame_replaced": Expected("runs", "A DataFrame put in place of self.data"),
    "data_frame/items_of_data": Expected("runs", "Columns that the strategy puts into self.data"),
    "data_frame/broker_and_position": Expected("runs", "no self.position.entry_price"),
    "data_frame/backtrader_habits": Expected("runs", "no argument stop_loss; it was passed as sl"),
    "array_methods/rolling_in_init": Expected("runs", "so that next() sees no future"),
    "array_methods/iloc_in_next": ARRAYS,
    "array_methods/ewm_inside_lambda": ARRAYS,
    "array_methods/series_of_indicators": ARRAYS,
    "indicator_shape/list_and_scalar": Expected("runs", "streaks gives fewer values than there are bars"),
    "indicator_shape/dropped_rows": Expected("runs", "vortex_difference misses bars"),
    "indicator_shape/dictionary_of_lines": Expected("runs", "ichimoku gives its lines by name"),
    "indicator_shape/whole_numbers_to_talib": Expected("runs", "TA-Lib takes arrays of float64"),
    "indicator_shape/values_instead_of_function": Expected("runs", "values in place of a function"),
    "indicator_shape/table_of_text": Expected("runs", "words in place of numbers"),
    "ta_functions/invented_zscore": Expected("unknown_indicator", "pandas_ta has one: pandas_ta.zscore"),
    "ta_functions/imported_smma": Expected("unknown_indicator", "The nearest of TA-Lib is SMA"),
    "ta_functions/invented_pandas_ta": Expected("unknown_indicator", "The nearest is supertrend"),
    "ta_functions/names_in_lower_case": Expected("runs", "TA-Lib calls STDEV STDDEV"),
    "ta_functions/pandas_ta_on_arrays": Expected("runs", "pandas_ta takes Series"),
    "ta_functions/abstract_api": Expected("runs", "talib.abstract takes columns in lower case"),
    "sizes/neither_fraction_nor_whole": Expected("runs", "rounded down to whole units"),
    "sizes/more_than_the_account": Expected("no_trades", "cash and margin did not cover"),
    "sizes/zero_and_nan": Expected("runs", "Orders of size 0 or less were refused"),
    "sizes/positional_and_series": Expected("runs", "the first was taken as size"),
    "stops/short_with_stop_below": Expected("no_trades", "Sell orders were refused: their stop has to lie above"),
    "stops/target_sometimes_behind": Expected("runs", "Buy orders were refused: their stop has to lie below"),
    "stops/not_a_number_yet": Expected("runs", "no number (an indicator without a value yet)"),
    "missing_columns/open_interest": Expected("missing_column", "needs a column open_interest"),
    "missing_columns/sentiment_attribute": Expected("missing_column", "needs a column Sentiment"),
    "missing_columns/adjusted_close": SUPPLIED,
    "optimise/class_in_function": Expected("runs", "tries 4 combinations in optimize()"),
    "optimise/heatmap": Expected("runs", "tries 6 combinations in optimize()"),
    "optimise/walk_forward": Expected("runs", "the result is that of the last, BreakoutN"),
    "versions/pandas_one": Expected("runs", "pandas 3 has no append()"),
    "versions/offsets_of_old": Expected("runs", "h for H"),
    "versions/numpy_one": Expected("runs", "numpy 2 has no np.NaN"),
    "versions/last_by_minus_one": Expected("runs", "it was read as a place"),
    "versions/columns_of_another_kind": Expected("runs", "the column was widened"),
    "versions/resampled_bars": Expected("runs", "longer bars of the data set"),
    "other/backtrader_script": Expected("not_backtesting", "This is a script for Backtrader"),
    "other/machine_learning": Expected("import", "imports sklearn"),
    "other/calls_the_internet": Expected("runs", "failed (ConnectionError) and was left out"),
    "other/asks_and_made_up_prices": Expected("runs", "brings its own prices; the run's data set was used"),
    "other/heikin_ashi_prices": Expected("changed_prices", "leave Open, High, Low and Close as they are"),
}
