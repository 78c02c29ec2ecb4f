//! One company's own data: its plan, the permissions of who asks, its tax profile.

use serde_json::{Map, Value, json};

use super::reference;

const PERMISSIONS: [&str; 24] = [
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
    "fic_export",
    "fic_import_clients_suppliers",
    "fic_import_products",
    "fic_import_issued_documents",
    "fic_import_bankstatements",
    "fic_recurring",
    "fic_riba",
    "dic_employees",
    "dic_timesheet",
    "dic_settings",
];
const FUNCTIONS: [&str; 17] = [
    "archive",
    "cerved",
    "document_attachments",
    "e_invoice",
    "genius",
    "mail_tracking",
    "payment_notifications",
    "paypal",
    "receipts",
    "recurring",
    "smtp",
    "stock",
    "subaccounts",
    "tessera_sanitaria",
    "ts_digital",
    "ts_invoice_trading",
    "ts_pay",
];

pub(crate) fn permissions() -> Value {
    PERMISSIONS.iter().map(|name| ((*name).to_owned(), Value::from("write"))).collect::<Map<_, _>>().into()
}

/// What `/company/info` says of a company.
pub(crate) fn info(id: i64, name: &str) -> Value {
    let functions: Map<String, Value> = FUNCTIONS.iter().map(|name| ((*name).to_owned(), true.into())).collect();
    json!({
        "id": id, "name": name, "email": "mario.rossi@example.com", "type": "company", "fic": true,
        "fic_plan_name": "complete", "fic_signup_date": "2013-11-01", "fic_license_expire": "2030-12-31",
        "use_fic": true, "fic_need_setup": false, "fic_license_type": null, "dic": false, "dic_plan_name": null,
        "dic_signup_date": null, "dic_license_expire": null, "use_dic": false, "dic_license_type": null,
        "registration_service": "fic", "can_use_coupon": false,
        "access_info": {"role": "master", "through_accountant": false, "permissions": permissions()},
        "plan_info": {
            "limits": {"clients": 5000, "suppliers": 5000, "products": 5000, "documents": 3000},
            "functions": functions,
            "functions_status": {"ts_digital": {"active": true}, "ts_pay": {"active": true}},
        },
        "is_accountant": false, "accountant_id": null, "fic_payment_subject": "client",
        "dic_payment_subject": null,
    })
}

/// What `/settings/tax_profile` says of a company: every second one is a professional in the flat-rate scheme.
pub(crate) fn tax_profile(id: i64) -> Value {
    let flat = id % 2 == 0;
    json!({
        "company_type": if flat { "individual" } else { "company" },
        "company_subtype": if flat { "professionisti" } else { "srl" },
        "profession": if flat { "ingegneri".into() } else { Value::Null },
        "regime": if flat { "forfettario_5" } else { "ordinario" },
        "rivalsa_name": if flat { "INPS" } else { "" }, "default_rivalsa": if flat { 4 } else { 0 },
        "cassa_name": "", "default_cassa": 0, "default_cassa_taxable": 100,
        "cassa2_name": "", "default_cassa2": 0, "default_cassa2_taxable": 0,
        "default_withholding_tax": if flat { 0 } else { 20 }, "default_withholding_tax_taxable": 100,
        "default_other_withholding_tax": 0, "enasarco": false, "enasarco_type": null,
        "contributions_percentage": if flat { json!(26.07) } else { 0.into() },
        "profit_coefficient": if flat { 78.into() } else { Value::Null }, "med": false,
        "default_vat": reference::usual_vat(flat),
    })
}
