"""Writers: models out, in the forms that other programs read. Each is imported when it is used."""
