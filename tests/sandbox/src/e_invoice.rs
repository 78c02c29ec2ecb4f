//! A document's e-invoice: its XML, and why it was not taken. In: a request with who asks. Out: an answer, or a refusal.

use serde_json::{Value, json};

use crate::answer::{Refusal, Reply};
use crate::asked::{Asked, no_record, unknown};
use crate::id::Id;
use crate::paths::find;
use crate::state::State;

/// `/issued_documents/{id}/e_invoice/xml` and `…/error_reason`. The description demands no scope for either.
pub(crate) fn answer(state: &State, asked: &Asked<'_>, id: &str, what: &str) -> Result<Reply, Refusal> {
    let id = id.parse().map(Id::Number).map_err(|_| unknown(asked.request))?;
    match what {
        "xml" => asked.get(&["include_attachment"])?,
        "error_reason" => asked.get(&[])?,
        _ => return Err(unknown(asked.request)),
    }
    asked.maybe_one_of("include_attachment", &["true", "false"])?;
    let company = state.companies.get(&asked.company).ok_or_else(|| unknown(asked.request))?;
    let document = find(company, "issued_documents", &id).map(|(_, record)| record.value()).ok_or_else(no_record)?;
    match what {
        "xml" => {
            let attached = asked.given("include_attachment") == Some("true");
            let text = xml(&document, attached).ok_or_else(no_record)?;
            Ok(Reply { records: 1, ..Reply::new(200, "text/xml", text) })
        }
        _ => reason(&document).map(|reason| Reply::data(&reason.to_string(), 1)).ok_or_else(no_record),
    }
}

/// The file that goes to the exchange system, much shortened; none for a document that is no e-invoice.
pub(crate) fn xml(document: &Value, attached: bool) -> Option<String> {
    if document["e_invoice"] != true {
        return None;
    }
    let text = |value: &Value| value.as_str().unwrap_or_default().replace('&', "&amp;").replace('<', "&lt;");
    let number = format!("{}{}", document["number"], document["numeration"].as_str().unwrap_or_default());
    let attachment = "<Allegati><NomeAttachment>allegato.pdf</NomeAttachment></Allegati>";
    Some(format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <p:FatturaElettronica xmlns:p=\"http://ivaservizi.agenziaentrate.gov.it/docs/xsd/fatture/v1.2\" \
         versione=\"FPR12\"><FatturaElettronicaHeader><CessionarioCommittente><Denominazione>{}</Denominazione>\
         </CessionarioCommittente></FatturaElettronicaHeader><FatturaElettronicaBody><DatiGenerali>\
         <DatiGeneraliDocumento><Divisa>{}</Divisa><Data>{}</Data><Numero>{}</Numero></DatiGeneraliDocumento>\
         </DatiGenerali>{}</FatturaElettronicaBody></p:FatturaElettronica>\n",
        text(&document["entity"]["name"]),
        text(&document["currency"]["id"]),
        text(&document["date"]),
        text(&number.into()),
        if attached { attachment } else { "" },
    ))
}

/// Why an e-invoice was not taken; none for one that was, or was not sent yet.
pub(crate) fn reason(document: &Value) -> Option<Value> {
    let (code, reason, solution) = match document["ei_status"].as_str()? {
        "discarded" => (
            "00305",
            "La Partita IVA del destinatario risulta sbagliata e/o cessata.",
            "Puoi correggere la Partita IVA nell'anagrafica del cliente.",
        ),
        "error" => ("SDI-00", "Il file non è leggibile.", "Prova a inviare di nuovo il documento."),
        "rejected" | "manual_rejected" => ("EC02", "Rifiutata dall'ente: importo non conforme.", ""),
        _ => return None,
    };
    Some(json!({
        "reason": reason, "ei_status": document["ei_status"], "solution": solution, "code": code,
        "date": document["date"],
    }))
}
