"""The users' two programs of the manual of bulkdelete, in words of our own: the same calls, the same output.

usage: bulk_delete.py URL KEY SITE ids|view
"""

import json
import sys

import requests

base_url, api_key, start, how = sys.argv[1:]
site_name, status = "案件管理", '["910"]'
session = requests.Session()
session.headers.update({"Content-Type": "application/json"})


def call(site, action, **members):
    body = json.dumps({"ApiVersion": 1.1, "ApiKey": api_key, **members})
    answer = session.post(f"{base_url}/api/items/{site}/{action}", data=body)
    if not answer.ok:
        raise RuntimeError(f"HTTP {answer.status_code} {action}\n{answer.text}")
    return answer.json()


found = call(start, "getclosestsiteid", FindSiteNames=[site_name]).get("Data", [])
site = found[0].get("SiteId") if found else None
if not isinstance(site, int) or site <= 0:
    sys.exit(f"no site {site_name}: {found}")
print(f"対象サイトID取得成功: {site}")

view = {"ColumnFilterHash": {"Status": status}}
if how == "view":
    what = {"View": view}
else:
    rows = call(site, "get", View=view).get("Response", {}).get("Data", [])
    ids = sorted({row.get("ResultId") or row.get("Id") for row in rows})
    if not ids or not all(isinstance(number, int) for number in ids):
        sys.exit(f"no ids in {rows}")
    what = {"Selected": ids}
print("bulkdelete 実行結果:", call(site, "bulkdelete", **what, PhysicalDelete=False))
