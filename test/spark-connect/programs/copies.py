"""The sample as the analyst may see it, made from the raw files by code that shares nothing with the gateway."""

import datetime
import os
import tempfile

import pyarrow as pa
import pyarrow.parquet as pq

LAKE = os.environ["LAKE_FOLDER"]
TABLES = ("crm.customers", "sales.orders", "sales.order_items", "ref.countries")


def show_last(count):
    def mask(text):
        kept = text[-count:] if len(text) > count else ""
        return "x" * (len(text) - len(kept)) + kept

    return mask


def email(text):
    name, at, domain = text.partition("@")
    return f"{name[:1]}***@{domain}" if at and name and domain else "***"


def redact(text):
    return "".join(
        "X" if c.isupper() else "x" if c.isalpha() else "0" if c.isdecimal() else c for c in text
    )


MASKS = {
    "full_name": redact,
    "email": email,
    "phone": show_last(2),
    "national_id": show_last(4),
    "iban": show_last(4),
    "birth_date": lambda day: datetime.date(day.year, 1, 1),
}


def raw(name):
    return pq.read_table(os.path.join(LAKE, *name.split(".")) + ".parquet")


def seen_by_the_analyst(name, europe):
    table = raw(name)
    if name in ("crm.customers", "sales.orders"):
        table = table.filter(pa.compute.is_in(table["country"], pa.array(sorted(europe))))
    if name != "crm.customers":
        return table
    for column, mask in MASKS.items():
        values = [None if value is None else mask(value) for value in table[column].to_pylist()]
        at = table.schema.get_field_index(column)
        table = table.set_column(at, column, pa.array(values, table.schema.field(column).type))
    return table


def copies(spark):
    """The tables of the analyst as frames of a bare session, over files of their own."""
    countries = raw("ref.countries").to_pylist()
    europe = {row["code"] for row in countries if row["eu"]}
    folder = tempfile.mkdtemp(prefix="sluice-copy-")
    frames = {}
    for name in TABLES:
        path = os.path.join(folder, f"{name}.parquet")
        pq.write_table(seen_by_the_analyst(name, europe), path)
        frames[name] = spark.read.parquet(path).alias(name.split(".")[1])
    return frames
