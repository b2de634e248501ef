"""Parquet files as DuckDB reads them, in the place of Athena."""

import duckdb

#: What every column of an inventory's table tells, in the order of its rows.
TABLES = ("repositories", "images", "descriptors")


def fetch(cloud, bucket, keys, folder):
    """Objects as files: their paths, in the same order."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for key in keys:
        path = folder / key.replace("/", "_")
        cloud.client("s3").download_file(bucket, key, str(path))
        paths.append(path)
    return paths


def rows(paths, query="SELECT * FROM {files}", *parameters):
    """The rows of a query over files of one table together."""
    with duckdb.connect() as connection:
        names = ", ".join(f"'{path}'" for path in paths)
        return connection.execute(query.format(files=f"read_parquet([{names}])"), parameters).fetchall()


def count(paths):
    [(number,)] = rows(paths, "SELECT count(*) FROM {files}")
    return number


def naive_bytes(paths):
    """Sizes of images and indexes, whatever layers they share."""
    [(number,)] = rows(paths, "SELECT coalesce(sum(image_size_bytes), 0) FROM {files}")
    return int(number)
