//! The companies that a token sees, and one company's data, shaped as in the vendor's examples.

use serde_json::{Value, json};

use crate::answer::{Refusal, Reply};
use crate::asked::Asked;
use crate::auth::Grant;
use crate::data::permissions;
use crate::state::{Company, State};

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

/// What the sandbox keeps of a company: its info, with the tax profile as a member.
fn own(state: &mut State, asked: &Asked<'_>) -> Value {
    state.collection(asked.company, "companies").get(&asked.company.into()).map(|own| own.value()).unwrap_or_default()
}

/// `GET /c/{id}/company/info`.
pub(crate) fn info(state: &mut State, asked: &Asked<'_>) -> Result<Reply, Refusal> {
    asked.get(&[])?;
    let mut info = own(state, asked);
    info.as_object_mut().map(|info| info.shift_remove("tax_profile"));
    Ok(Reply::data(&info.to_string(), 1))
}

/// `GET /c/{id}/settings/tax_profile`.
pub(crate) fn tax_profile(state: &mut State, asked: &Asked<'_>) -> Result<Reply, Refusal> {
    asked.get(&[])?;
    asked.need(Some("settings"))?;
    Ok(Reply::data(&own(state, asked)["tax_profile"].to_string(), 1))
}

/// `GET /c/{id}/company/plan_usage`.
pub(crate) fn plan_usage(state: &mut State, asked: &Asked<'_>) -> Result<Reply, Refusal> {
    asked.get(&["category"])?;
    let category = asked.one_of("category", &["clients", "suppliers", "products", "documents"])?;
    let (info, usage) = (own(state, asked), state.usage(asked.company));
    let data = json!({"limit": info["plan_info"]["limits"][category], "usage": usage[category]});
    Ok(Reply::data(&data.to_string(), 1))
}
