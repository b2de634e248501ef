"""Facts about the lists of an organization, and about a role that is refused, as boto3 sees them."""

import pytest
from botocore.exceptions import ClientError

from running import Server


@pytest.fixture
def alone():
    """A server of its own: there is one organization in it."""
    running = Server()
    yield running
    running.stop()


def organize(server, registry, **members):
    inner = {"id": "ou-ab12-inner", "accounts": [{"id": "210000000099", "state": "SUSPENDED"}]}
    outer = {"id": "ou-ab12-outer", "accounts": [{"id": "210000000098", "state": "ACTIVE"}], "units": [inner]}
    root = {"id": "r-ab12", "accounts": [{"id": registry.account, "state": "ACTIVE"}], "units": [outer]}
    server.post("/_fake/organization", {"root": root, "listed_by": [registry.account], **members})
    return registry.client("organizations")


def ids(pages, member):
    return [[entry["Id"] for entry in page[member]] for page in pages]


def test_a_list_goes_on_behind_a_page_without_entries(alone):
    registry = alone.registry()
    client = organize(alone, registry, page_entries=2, has_empty_pages=True)
    pages = ids(client.get_paginator("list_accounts").paginate(), "Accounts")
    assert pages == [[], [registry.account, "210000000098"], [], ["210000000099"]]
    states = [one["State"] for page in client.get_paginator("list_accounts").paginate() for one in page["Accounts"]]
    assert states == ["ACTIVE", "ACTIVE", "SUSPENDED"]


def test_a_parent_has_what_is_in_it_and_not_what_is_below(alone):
    registry = alone.registry()
    client = organize(alone, registry)
    accounts = client.get_paginator("list_accounts_for_parent")
    assert ids(accounts.paginate(ParentId="r-ab12"), "Accounts") == [[registry.account]]
    units = client.get_paginator("list_organizational_units_for_parent")
    assert ids(units.paginate(ParentId="ou-ab12-outer"), "OrganizationalUnits") == [["ou-ab12-inner"]]
    assert ids(units.paginate(ParentId="ou-ab12-inner"), "OrganizationalUnits") == [[]]
    with pytest.raises(client.exceptions.ParentNotFoundException):
        client.list_accounts_for_parent(ParentId="ou-ab12-nowhere")


def test_only_who_may_list_an_organization_can(alone):
    registry, other = alone.registry(), alone.registry()
    client = other.client("organizations")
    with pytest.raises(client.exceptions.AWSOrganizationsNotInUseException):
        client.list_accounts()
    organize(alone, registry)
    with pytest.raises(client.exceptions.AccessDeniedException):
        client.list_accounts()


def test_the_role_of_one_account_can_be_refused_and_another_not(alone):
    registry = alone.registry()
    alone.fault("AssumeRole", "access_denied", every=1, account="210000000098")
    sts = registry.client("sts")

    def assume(account):
        return sts.assume_role(RoleArn=f"arn:aws:iam::{account}:role/reader", RoleSessionName="session-1")

    with pytest.raises(ClientError) as refused:
        assume("210000000098")
    error = refused.value.response
    assert (error["Error"]["Code"], error["ResponseMetadata"]["HTTPStatusCode"]) == ("AccessDenied", 403)
    assert "sts:AssumeRole on resource: arn:aws:iam::210000000098:role/reader" in error["Error"]["Message"]
    assert assume("210000000099")["Credentials"]["AccessKeyId"]
    calls = {(one["account"], one["operation"]): one for one in alone.get("/_fake/calls")["calls"]}
    assert calls["210000000098", "AssumeRole"]["failed"] == 1
    assert calls["210000000099", "AssumeRole"]["failed"] == 0
