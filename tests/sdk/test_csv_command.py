"""`pixie export --csv`, and `pixie spend --shared`."""


def test_tables_are_written_as_csv(pixie_of_nok, nok, home, tmp_path):
    nok.expenses.create(home, "=Pizza", 450, spent_on="2026-03-04")
    period = ["--from", "2026-03-01", "--to", "2026-03-31"]
    file = tmp_path / "expenses.csv"
    pixie_of_nok("export", str(file), "--csv", "expenses", *period, "--spreadsheet")
    text = file.read_bytes().decode()
    assert text.startswith("\ufeffDate,Title,")
    assert "2026-03-04,'=Pizza,Other,450,THB,Nok," in text
    assert pixie_of_nok("export", "--csv", "purchases", *period).startswith("Date,List,Store,Item,")
    pixie_of_nok("export", "--csv", "chat", code=2)
    pixie_of_nok("export", "--from", "2026-03-01", code=2)


def test_shared_expenses_are_summed_up(pixie_of_nok, nok, home):
    nok.expenses.create(home, "Curry", 300, spent_on="2025-03-04", category="eating out")
    period = ["--from", "2025-03-01", "--to", "2025-03-31"]
    assert "Eating out 300.00" in pixie_of_nok("spend", "--shared", *period)
    assert "Nok" in pixie_of_nok("spend", "--shared", "--by", "member", *period)
