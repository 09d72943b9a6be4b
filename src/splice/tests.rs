use proptest::prelude::*;
use toml::Value;

use super::{Edit, Unfit, applied, splice};

fn path(keys: &str) -> Vec<String> {
    keys.split(' ').map(str::to_owned).collect()
}

fn push(keys: &str, value: &str) -> Edit {
    Edit::Push { path: path(keys), values: vec![value.into()] }
}

fn set(keys: &str, value: impl Into<Value>) -> Edit {
    Edit::Set { path: path(keys), value: value.into() }
}

fn drop(keys: &str, value: &str) -> Edit {
    Edit::Drop { path: path(keys), value: value.into() }
}

fn remove(keys: &str) -> Edit {
    Edit::Remove { path: path(keys) }
}

#[track_caller]
fn becomes(before: &str, edit: &Edit, after: &str) {
    let replacements = splice(before, edit).unwrap_or_else(|_| panic!("{edit:?} in {before:?}"));
    assert_eq!(applied(before, &replacements).unwrap(), after);
}

#[test]
fn an_element_comes_at_the_end_in_the_style_of_its_list() {
    becomes("a = ['x'] # why\n", &push("a", "y"), "a = ['x', \"y\"] # why\n");
    becomes("a = ['x',]\n", &push("a", "y"), "a = ['x', \"y\",]\n");
    becomes("a = [ ]\n", &push("a", "y"), "a = [\"y\" ]\n");
    let lines = "a = [\n  'w', 'v',\n  'x', # of x\n  # at the end\n]\n";
    let after = "a = [\n  'w', 'v',\n  'x', # of x\n  \"y\",\n  # at the end\n]\n";
    becomes(lines, &push("a", "y"), after);
    let bare = "a = [\n  'w',\n  'x' # of, x\n]\n";
    becomes(bare, &push("a", "y"), "a = [\n  'w',\n  'x', # of, x\n  \"y\"\n]\n");
    becomes("a = [\n  'w',\n  'x']\n", &push("a", "y"), "a = [\n  'w',\n  'x',\n  \"y\"]\n");
}

#[test]
fn what_is_missing_is_made_where_people_would_write_it() {
    let file = "summary = 's' # it\n\n# Packages\n[apt]\npackages = []\n\n[check]\nrun = 'true'\n";
    let needs = "summary = 's' # it\nneeds = [\"x\"]\n\n# Packages\n[apt]\npackages = []\n\n[check]\nrun = 'true'\n";
    becomes(file, &push("needs", "x"), needs);
    let hold = "summary = 's' # it\n\n# Packages\n[apt]\npackages = []\nhold = [\"x\"]\n\n[check]\nrun = 'true'\n";
    becomes(file, &push("apt hold", "x"), hold);
    let table = Value::Table([("mode".to_owned(), "0755".into())].into_iter().collect());
    becomes(
        file,
        &set("files /a.b", table),
        &format!("{file}\n[files.\"/a.b\"]\nmode = \"0755\"\n"),
    );
    // Behind its brothers and sisters, and where a text ends without a line end.
    becomes(
        "[e.a]\nx = 1\n\n[f]\ny = 2",
        &set("e b", Value::Table(toml::Table::from_iter([("z".to_owned(), 1.into())]))),
        "[e.a]\nx = 1\n\n[e.b]\nz = 1\n\n[f]\ny = 2",
    );
    becomes("[f]\ny = 2", &set("f z", 3), "[f]\ny = 2\nz = 3\n");
    becomes("a = { x = 1 }\n", &set("a y", 2), "a = { x = 1, y = 2 }\n");
    becomes("# only this", &set("a", 1), "# only this\na = 1\n");
    becomes("# of t\n[t]\nb = 1\n", &set("a", 1), "a = 1\n# of t\n[t]\nb = 1\n");
}

#[test]
fn a_table_comes_with_its_values_in_their_order() {
    let entries = [
        ("url", "u".into()),
        ("install", Value::Table(toml::Table::from_iter([("to".to_owned(), "/x".into())]))),
    ];
    let entries = entries.map(|(key, value): (&str, Value)| (key.to_owned(), value)).to_vec();
    let add = |keys: &str| Edit::Add { path: path(keys), entries: entries.clone() };
    let block = "url = \"u\"\ninstall = { to = \"/x\" }\n";
    becomes(
        "[d.a]\nx = 1\n\n[f]\ny = 2\n",
        &add("d b"),
        &format!("[d.a]\nx = 1\n\n[d.b]\n{block}\n[f]\ny = 2\n"),
    );
    let crlf = format!("a = 1\n\n[d.b.c]\n{block}").replace('\n', "\r\n");
    becomes("a = 1\r\n", &add("d b c"), &crlf);
    becomes(
        "d = { a = 1 }\n",
        &add("d b"),
        "d = { a = 1, b = { install = { to = \"/x\" }, url = \"u\" } }\n",
    );
    assert_eq!(splice("[d.b]\nx = 1\n", &add("d b")), Err(Unfit));
}

#[test]
fn a_value_takes_the_place_of_another() {
    becomes("a = 'x' # why\nb = 1\n", &set("a", "y"), "a = \"y\" # why\nb = 1\n");
    becomes(
        "[s]\nrun = '''\none\n'''\n",
        &set("s run", "one\ntwo\n"),
        "[s]\nrun = '''\none\ntwo\n'''\n",
    );
    becomes("a = 'x'\n", &set("a", "y\n"), "a = \"y\\n\"\n");
    becomes("a = 'x'\r\n", &set("a", "y\nz"), "a = \"y\\nz\"\r\n");
}

#[test]
fn an_element_goes_with_its_comma_and_its_line() {
    becomes("a = ['x', 'y', 'z']\n", &drop("a", "x"), "a = ['y', 'z']\n");
    becomes("a = ['x', 'y', 'z']\n", &drop("a", "y"), "a = ['x', 'z']\n");
    becomes("a = ['x', 'y', 'z',]\n", &drop("a", "z"), "a = ['x', 'y',]\n");
    becomes("a = ['x']\n", &drop("a", "x"), "a = []\n");
    let lines = "a = [\n  'x', # of x\n  # of y\n  'y'\n]\n";
    becomes(lines, &drop("a", "x"), "a = [\n  # of y\n  'y'\n]\n");
    becomes(lines, &drop("a", "y"), "a = [\n  'x' # of x\n  # of y\n]\n");
}

#[test]
fn a_table_goes_with_the_comments_right_above_it() {
    let file = "a = 1\n\n# of b\n[t.b]\nx = 1\n\n[t.b.c]\ny = 1\n\n# of d\n[t.d]\nz = 1 # z\n";
    becomes(file, &remove("t b"), "a = 1\n\n# of d\n[t.d]\nz = 1 # z\n");
    becomes(file, &remove("t d"), "a = 1\n\n# of b\n[t.b]\nx = 1\n\n[t.b.c]\ny = 1\n");
    becomes(file, &remove("a"), file.strip_prefix("a = 1\n").unwrap());
    becomes("[t]\n'/a' = { x = 1 } # a\n'/b' = 2\n", &remove("t /a"), "[t]\n'/b' = 2\n");
    becomes("t = { a = 1, b = 2 }\n", &remove("t a"), "t = { b = 2 }\n");
}

#[test]
fn marks_and_line_ends_stay_as_they_are() {
    let file = "\u{feff}a = 'x'\r\n\r\n[t] # t\r\nlist = [\r\n\t'x',\r\n]\r\n";
    let after = "\u{feff}a = 'x'\r\n\r\n[t] # t\r\nlist = [\r\n\t'x',\r\n\t\"y\",\r\n]\r\n";
    becomes(file, &push("t list", "y"), after);
    becomes(file, &push("b", "y"), &file.replace("'x'\r\n\r\n", "'x'\r\nb = [\"y\"]\r\n\r\n"));
    becomes("\u{feff}# x\r\n", &set("a", 1), "\u{feff}# x\r\na = 1\r\n");
}

#[test]
fn what_cannot_be_changed_in_place_is_refused() {
    for (text, edit) in [
        ("a = ", set("a", 1)),
        ("a = 1", push("a", "x")),
        ("a.b = 1\n", set("a c", 1)),
        ("a = ['x']", drop("a", "y")),
        ("a = 1", remove("b")),
        ("[a]\nb = 1\n", set("a", 1)),
    ] {
        assert_eq!(splice(text, &edit), Err(Unfit), "{edit:?} in {text:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever comes and goes again leaves the text as it was.
    #[test]
    fn what_came_goes_again(value in "\\PC*", text in prop::sample::select(vec![
        "a = ['x']\n", "a = [\n    'x', # x\n    'y',\n]\r\n", "b = 1\n[t]\nc = 2\n", "\u{feff}[t]\r\na = 1\r\n",
    ])) {
        prop_assume!(value != "x" && value != "y");
        let list = push("a", &value);
        if let Ok(replacements) = splice(text, &list) {
            let after = applied(text, &replacements).unwrap();
            if text.starts_with('a') {
                let back = splice(&after, &drop("a", &value)).unwrap();
                prop_assert_eq!(applied(&after, &back).unwrap(), text);
            }
        }
        let entry = Value::Table([("content".to_owned(), Value::String(value.clone()))].into_iter().collect());
        let edit = Edit::Set { path: vec!["files".to_owned(), value.clone()], value: entry };
        let after = applied(text, &splice(text, &edit).unwrap()).unwrap();
        let back = splice(&after, &Edit::Remove { path: vec!["files".to_owned(), value] }).unwrap();
        prop_assert_eq!(applied(&after, &back).unwrap(), text);
    }
}
