-- Takes away the payments of a document before they are written again.
DELETE FROM document_payments
 WHERE account_id = :account_id AND resource = :resource AND document_id = :id;
