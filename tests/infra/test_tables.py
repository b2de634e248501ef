"""The tables of Athena against the files that the store writes."""

import re

import pytest

import places

# How Athena calls the types of docs/STORE.md.
TYPES = {
    "text": "string",
    "time": "timestamp",
    "boolean": "boolean",
    "unsigned integer": "bigint",
    "list of text": "array<string>",
}
NAMES = ["repositories", "images", "descriptors"]


def table(template, name):
    """The description of a table."""
    return next(
        r["Properties"]["TableInput"]
        for r in template["Resources"].values()
        if r["Type"] == "AWS::Glue::Table" and r["Properties"]["TableInput"]["Name"] == name
    )


def columns(template, name):
    """The columns of a table as it is deployed, in order."""
    return [
        (column["Name"], column["Type"]) for column in table(template, name)["StorageDescriptor"]["Columns"]
    ]


def documented_columns(name):
    """The columns of a file as docs/STORE.md lists them, in order."""
    page = places.STORE_PAGE.read_text(encoding="utf-8")
    section = page.split(f"### `{name}.parquet`\n")[1].split("\n#")[0]
    found = []
    for line in section.splitlines():
        if line.startswith("| `"):
            names, kind = [cell.strip() for cell in line.strip("|").split("|")][:2]
            found += [
                (column, TYPES[kind.removesuffix(", not null")]) for column in re.findall(r"`(\w+)`", names)
            ]
    return found


def test_there_are_the_tables_that_the_store_has_files_for(template):
    tables = [r for r in template["Resources"].values() if r["Type"] == "AWS::Glue::Table"]
    assert sorted(t["Properties"]["TableInput"]["Name"] for t in tables) == sorted(NAMES)
    assert {t["Properties"]["DatabaseName"]["Ref"] for t in tables} == {"Database"}


@pytest.mark.parametrize("name", NAMES)
def test_the_columns_are_those_of_the_page_about_the_store(template, name):
    assert columns(template, name) == documented_columns(name)
    assert len(columns(template, name)) > 5


@pytest.mark.parametrize("name", NAMES)
def test_the_columns_are_those_that_are_written(template, contract, name):
    assert columns(template, name) == [tuple(column) for column in contract["tables"][name]]


@pytest.mark.parametrize("name", NAMES)
def test_a_table_reads_lists_of_parquet_files(template, name):
    storage = table(template, name)["StorageDescriptor"]
    assert storage["Location"] == {"Fn::Sub": f"s3://${{StoreBucket}}/${{StorePrefix}}/athena/{name}/"}
    assert storage["InputFormat"] == "org.apache.hadoop.hive.ql.io.SymlinkTextInputFormat"
    assert storage["OutputFormat"] == "org.apache.hadoop.hive.ql.io.IgnoreKeyTextOutputFormat"
    serde = storage["SerdeInfo"]["SerializationLibrary"]
    assert serde == "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"


@pytest.mark.parametrize("name", NAMES)
def test_the_partitions_of_a_table_are_computed_from_days_the_account_and_the_regions(template, name):
    description = table(template, name)
    keys = [(key["Name"], key["Type"]) for key in description["PartitionKeys"]]
    assert keys == [("day", "string"), ("account", "string"), ("region", "string")]
    projection = {k: v for k, v in description["Parameters"].items() if k.startswith("projection.")}
    assert projection == {
        "projection.enabled": "true",
        "projection.day.type": "date",
        "projection.day.format": "yyyy-MM-dd",
        "projection.day.range": {"Fn::Sub": "${FirstDay},NOW"},
        "projection.day.interval": "1",
        "projection.day.interval.unit": "DAYS",
        "projection.account.type": "enum",
        "projection.account.values": {"Ref": "AWS::AccountId"},
        "projection.region.type": "enum",
        "projection.region.values": {"Fn::If": ["HasRegions", {"Ref": "Regions"}, {"Ref": "AWS::Region"}]},
    }
    # Without a template of its own, a folder is the location and `day=…/account=…/region=…`, as the lists lie.
    assert "storage.location.template" not in description["Parameters"]
