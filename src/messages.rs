//! Every text a client can meet, by message id and language (01 §11).
