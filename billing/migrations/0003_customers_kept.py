import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("billing", "0002_payments"),
    ]

    operations = [
        migrations.AddField(
            model_name="customer",
            name="is_current",
            field=models.BooleanField(default=True, help_text="The one as which the workspace pays from now on"),
        ),
        migrations.AlterField(
            model_name="customer",
            name="workspace",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="stripe_customers", to="accounts.workspace"
            ),
        ),
        migrations.AlterField(
            model_name="subscription",
            name="monthly_cents",
            field=models.PositiveIntegerField(
                default=0, help_text="All of its items, by the month, without taxes, after discounts that go on"
            ),
        ),
        migrations.AddConstraint(
            model_name="customer",
            constraint=models.UniqueConstraint(
                condition=models.Q(("is_current", True)),
                fields=("workspace",),
                name="one_current_customer_per_workspace",
            ),
        ),
    ]
