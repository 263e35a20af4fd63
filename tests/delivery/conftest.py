"""A domain that mail is sent from."""

import pytest

from tests.support.dns_server import DnsServer
from tests.support.sending_names import put_good_domain


@pytest.fixture
def names(dns_server: DnsServer) -> DnsServer:
    """The name server of a domain that is set up as it should be."""
    put_good_domain(dns_server)
    return dns_server
