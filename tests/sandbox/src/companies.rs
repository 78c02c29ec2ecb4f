//! The companies that a token sees, and one company's data, shaped as in the vendor's examples.

use serde_json::{Value, json};

use crate::auth::Grant;
use crate::state::{Company, State};

const PERMISSIONS: [&str; 17] = [
    "fic_situation",
    "fic_clients",
    "fic_suppliers",
    "fic_products",
    "fic_issued_documents",
    "fic_received_documents",
    "fic_receipts",
    "fic_calendar",
    "fic_archive",
    "fic_taxes",
    "fic_stock",
    "fic_cashbook",
    "fic_settings",
    "fic_emails",
    "dic_employees",
    "dic_timesheet",
    "dic_settings",
];

fn permissions() -> Value {
    PERMISSIONS.iter().map(|name| ((*name).to_owned(), Value::from("write"))).collect::<serde_json::Map<_, _>>().into()
}

/// `GET /user/companies`. A token that sees several companies belongs to an accountant: the first company is
/// the studio, the others are controlled by it; names that do not matter to clients are always the same.
pub(crate) fn list(state: &State, grant: &Grant) -> Value {
    let mut seen: Vec<Value> = grant
        .companies
        .iter()
        .filter_map(|id| state.companies.get(id).map(|company| entry(*id, company, "company")))
        .collect();
    if seen.len() > 1 {
        let controlled = seen.split_off(1);
        seen[0]["type"] = "accountant".into();
        seen[0]["controlled_companies"] = controlled.into();
    }
    json!({"data": {"companies": seen}})
}

fn entry(id: i64, company: &Company, kind: &str) -> Value {
    json!({
        "id": id, "name": company.name, "tax_code": "57398280214", "vat_number": "57398280214", "type": kind,
        // A secret of its own, which clients must not keep.
        "access_token": format!("{:096x}", (id as u128).wrapping_mul(0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835)),
        "connection_id": 94566, "controlled_companies": [], "fic": true, "dic": false, "fic_plan": "complete",
        "fic_license_expire": "2030-12-31", "permissions": permissions(),
    })
}

/// `GET /user/info`.
pub(crate) fn user() -> Value {
    json!({
        "data": {
            "id": 12345, "name": "Mario Rossi", "first_name": "Mario", "last_name": "Rossi",
            "email": "mario.rossi@example.com", "hash": "5add29e1234532a1bf2ed7b612043029", "picture": "picture.jpg",
        },
        "info": {
            "need_marketing_consents_confirmation": false, "need_password_change": false,
            "need_terms_of_service_confirmation": false,
        },
        "email_confirmation_state": {"need_confirmation": false},
    })
}

/// `GET /c/{id}/company/info`.
pub(crate) fn info(id: i64, company: &Company) -> Value {
    json!({"data": {
        "id": id, "name": company.name, "email": "mario.rossi@example.com", "type": "company", "fic": true,
        "fic_plan_name": "complete", "fic_signup_date": "2013-11-01", "fic_license_expire": "2030-12-31",
        "use_fic": true, "fic_need_setup": false, "fic_license_type": null, "dic": false, "dic_plan_name": null,
        "dic_signup_date": null, "dic_license_expire": null, "use_dic": false, "dic_license_type": null,
        "registration_service": "fic", "can_use_coupon": false,
        "access_info": {"role": "master", "through_accountant": false, "permissions": permissions()},
        "plan_info": {
            "limits": {"clients": 5000, "suppliers": 5000, "products": 5000, "documents": 3000},
            "functions": {"archive": true, "receipts": true, "e_invoice": true},
            "functions_status": {"ts_digital": {"active": true}, "ts_pay": {"active": true}},
        },
        "is_accountant": false, "accountant_id": null, "fic_payment_subject": "client",
    }})
}
