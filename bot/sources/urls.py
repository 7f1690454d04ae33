"""URLs in one canonical form: http or https, without trackers, fragments and the marks of mobile editions."""

import re
from urllib.parse import parse_qsl, urljoin, urlsplit, urlunsplit

from w3lib.url import canonicalize_url

LONGEST = 4096
_TRACKERS = frozenset({
    "fbclid", "gclid", "gclsrc", "dclid", "gbraid", "wbraid", "msclkid", "yclid", "twclid", "ttclid",
    "li_fat_id", "igshid", "igsh", "mc_cid", "mc_eid", "mkt_tok", "_hsenc", "_hsmi", "hsctatracking",
    "vero_id", "vero_conv", "oly_anon_id", "oly_enc_id", "wickedid", "s_cid", "ns_campaign", "ns_mchannel",
    "ns_source", "ns_linkname", "ncid", "cmpid", "smid", "smtyp", "ftag", "icid", "_ga", "_gl", "spm",
    "cx_testid", "cx_testvariant", "cx_artpos", "guccounter", "guce_referrer", "guce_referrer_sig",
    "fb_action_ids", "fb_action_types", "fb_source", "traffic_source", "ref_src", "ref_url", "rss_id",
    "feedtype", "at_medium", "at_campaign", "at_bbc_team", "at_link_type", "at_link_origin", "at_format",
    "at_ptr_name", "at_custom1", "at_custom2", "at_custom3", "at_custom4", "xtor", "__twitter_impression",
    "taid",
})  # fmt: skip
_TRACKER_BEGINNINGS = ("utm_", "pk_", "mtm_", "piwik_", "matomo_", "hsa_", "wt_mc", "trk_")
# These names carry meaning on some sites; only with such a value are they about where the reader came from.
_FROM_FEED = frozenset({"ref", "source", "src", "from", "feed", "medium", "via", "cmp", "cid", "mod", "partner"})
_FEED_VALUES = frozenset({
    "rss", "rssfeed", "rss_feed", "rss-feed", "rsshub", "feed", "feeds", "atom", "feedburner", "jsonfeed",
    "newsletter", "twitter",
})  # fmt: skip
_AMP = frozenset({("amp", ""), ("amp", "1"), ("amp", "true"), ("output", "amp"), ("outputtype", "amp"), ("isamp", "1")})
_AMP_END = re.compile(r"(?<=[^/])/amp(?:/1)?/?$")
_UNWANTED = re.compile(r"^\s+|[\x00-\x1f\x7f-\x9f]+|\s+$")
_PORTS = {"http": ":80", "https": ":443"}
_REDIRECTORS = (  # host, path, the parameters that may hold the real address
    (re.compile(r"^www\.google\.[a-z.]+$"), "/url", ("url", "q")),
    (re.compile(r"^www\.bing\.com$"), "/news/apiclick.aspx", ("url",)),
)


def canonical(url: str, base: str = "") -> str:
    """`url`, resolved against `base`, in canonical form; "" unless it is http or https with a host."""
    url = _UNWANTED.sub("", url)
    try:
        joined = urljoin(base, f"https://{url}" if url.lower().startswith("www.") else url)
        if not url or urlsplit(joined).scheme.lower() not in _PORTS or not urlsplit(joined).hostname:
            return ""
        parts = urlsplit(canonicalize_url(_behind(joined)))
        netloc, query = _netloc(parts.scheme, parts.netloc), _query(parts.query, parts.hostname or "")
    except ValueError:
        return ""
    path = _AMP_END.sub("", parts.path).replace("/amp_articleshow/", "/articleshow/")
    whole = urlunsplit((parts.scheme, netloc, path, query, ""))
    return whole if netloc and len(whole) <= LONGEST else ""


def _behind(url: str) -> str:
    """The address behind a redirector that shows it, as in the feeds of Google Alerts and Bing."""
    parts = urlsplit(url)
    for host, path, names in _REDIRECTORS:
        if host.match((parts.hostname or "").lower()) and parts.path == path:
            values = dict(parse_qsl(parts.query))
            return next((v for n in names if (v := values.get(n, "")).startswith(("http://", "https://"))), url)
    return url


def _netloc(scheme: str, netloc: str) -> str:
    host = netloc.rpartition("@")[2].removesuffix(_PORTS[scheme])
    name, colon, port = (host, "", "") if host.endswith("]") else host.partition(":")
    return f"{name.rstrip('.')}{colon}{port}" if not host.startswith("[") else host


def _query(query: str, host: str) -> str:
    """The parameters that say which page it is, as they are written."""
    return "&".join(pair for pair in query.split("&") if pair and not _is_tracker(pair.lower(), host))


def _is_tracker(pair: str, host: str) -> bool:
    name, _, value = pair.partition("=")
    return (
        name in _TRACKERS
        or name.startswith(_TRACKER_BEGINNINGS)
        or (name in _FROM_FEED and value in _FEED_VALUES)
        or (name, value) in _AMP
        or (name == "oc" and host == "news.google.com")
    )
