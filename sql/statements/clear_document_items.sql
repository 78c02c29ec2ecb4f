-- Takes away the lines of a document before they are written again.
DELETE FROM document_items
 WHERE account_id = :account_id AND resource = :resource AND document_id = :id;
