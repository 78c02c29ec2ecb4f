"""What a person writes in ten minutes: all invoices into SQLite, with sqlite-utils. `make bench` compares a sync with it.

Arguments: the address of the service, a token, the file to write. Reads the pages that ficsync reads, in the same order.
"""

import sys

import requests
import sqlite_utils

url, token, path = sys.argv[1:]
db = sqlite_utils.Database(path)
db.enable_wal()
session = requests.Session()
session.headers["Authorization"] = f"Bearer {token}"
query = {"type": "invoice", "fieldset": "detailed", "sort": "updated_at", "page": 1, "per_page": 100}
query["q"] = "updated_at is not null"
while True:
    page = session.get(f"{url}/c/12345/issued_documents", params=query).json()
    invoices, items, payments = page["data"], [], []
    for invoice in invoices:
        for rows, name in ((items, "items_list"), (payments, "payments_list")):
            for position, row in enumerate(invoice.pop(name, None) or []):
                rows.append({"invoice_id": invoice["id"], "position": position, **row})
    with db.conn:
        db["invoices"].upsert_all(invoices, pk="id", alter=True)
        db["invoice_items"].upsert_all(items, pk=("invoice_id", "position"), alter=True)
        db["invoice_payments"].upsert_all(payments, pk=("invoice_id", "position"), alter=True)
    if not page["next_page_url"]:
        break
    query["q"] = f"updated_at >= '{invoices[-1]['updated_at']}'"
