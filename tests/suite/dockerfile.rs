//! An independent parser of the Dockerfile language reads back from each generated Dockerfile exactly what the
//! plan says.

use parse_dockerfile::{
    Command, Flag, HealthcheckArguments, Instruction, JsonOrStringArray, Source, parse,
};
use rdspec::compile::Output;
use rdspec::plan::{self, ImagePlan, Mount};
use rdspec::render::digest;
use serde_json::json;

use crate::harness::{compiled, nasty_spec, output};

/// The words of a Dockerfile line as BuildKit and buildah read them: in double quotes a backslash before `"`, `$` and
/// itself vanishes; outside there is nothing to read differently, since whatever is special is quoted.
pub(crate) fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut in_quotes = false;
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        match c {
            ' ' | '\t' if !in_quotes => words.extend(word.take()),
            '"' => {
                in_quotes = !in_quotes;
                word.get_or_insert_default();
            }
            '\\' if in_quotes => {
                let escaped = characters.next_if(|next| matches!(next, '"' | '\\' | '$'));
                word.get_or_insert_default().push(escaped.unwrap_or('\\'));
            }
            '$' => panic!("{text:?} names a variable"),
            '\\' | '\'' if !in_quotes => panic!("{text:?} has {c} outside of double quotes"),
            c => word.get_or_insert_default().push(c),
        }
    }
    assert!(!in_quotes, "{text:?} ends inside of quotes");
    words.extend(word);
    words
}

/// One word of a line.
fn word(text: &str) -> String {
    let words = words(text);
    assert_eq!(words.len(), 1, "{text:?} is not one word");
    words.concat()
}

fn flags(flags: &[Flag<'_>]) -> Vec<String> {
    let text = |flag: &Flag<'_>| {
        let value = flag.value.as_ref().map(|value| format!("={}", value.value));
        format!("--{}{}", flag.name.value, value.unwrap_or_default())
    };
    flags.iter().map(text).collect()
}

/// A command as JSON: a list in the exec form, a string in the shell form.
fn command(command: &Command<'_>) -> serde_json::Value {
    match command {
        Command::Exec(list) => {
            list.value.iter().map(|word| word.value.as_ref()).collect::<Vec<_>>().into()
        }
        Command::Shell(text) => json!(text.value),
        _ => panic!("a new form of command"),
    }
}

/// What the parser read, one JSON list an instruction.
fn read(text: &str) -> Vec<serde_json::Value> {
    let dockerfile = parse(text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    assert!(dockerfile.parser_directives.syntax.is_none(), "a frontend would be pulled");
    assert!(dockerfile.parser_directives.escape.is_none());
    assert_eq!(dockerfile.stages().count(), 1);
    dockerfile.instructions.iter().map(|read| instruction(text, read)).collect()
}

fn instruction(text: &str, instruction: &Instruction<'_>) -> serde_json::Value {
    match instruction {
        Instruction::Arg(arg) => json!(["ARG", arg.arguments.value]),
        Instruction::From(from) => {
            assert!(from.as_.is_none());
            json!(["FROM", flags(&from.options), from.image.value])
        }
        Instruction::User(user) => json!(["USER", user.arguments.value]),
        Instruction::Run(run) => {
            assert!(run.here_docs.is_empty());
            json!(["RUN", flags(&run.options), command(&run.arguments)])
        }
        Instruction::Copy(copy) => {
            let source = |source: &Source<'_>| match source {
                Source::Path(path) => (path.span.start, path.value.to_string()),
                _ => panic!("a here-document"),
            };
            let mut paths: Vec<(usize, String)> = copy.src.iter().map(source).collect();
            paths.push((copy.dest.span.start, copy.dest.value.to_string()));
            // The JSON form is taken as it is, the other one word by word.
            let is_json = text[..paths[0].0].ends_with("[\"");
            let read = |path: &String| if is_json { path.clone() } else { word(path) };
            let paths: Vec<String> = paths.iter().map(|(_, path)| read(path)).collect();
            json!(["COPY", flags(&copy.options), paths])
        }
        Instruction::Env(env) => json!(["ENV", words(&env.arguments.value)]),
        Instruction::Label(label) => json!(["LABEL", words(&label.arguments.value)]),
        Instruction::Volume(volume) => match &volume.arguments {
            JsonOrStringArray::Json(paths) => {
                let paths = paths.value.iter().map(|path| path.value.as_ref());
                json!(["VOLUME", paths.collect::<Vec<_>>()])
            }
            JsonOrStringArray::String(_) => panic!("volumes are a list of JSON"),
        },
        Instruction::Expose(expose) => {
            json!([
                "EXPOSE",
                expose.arguments.iter().map(|port| port.value.as_ref()).collect::<Vec<_>>()
            ])
        }
        Instruction::Workdir(workdir) => json!(["WORKDIR", word(&workdir.arguments.value)]),
        Instruction::Stopsignal(signal) => json!(["STOPSIGNAL", signal.arguments.value]),
        Instruction::Healthcheck(check) => {
            let HealthcheckArguments::Cmd { arguments, .. } = &check.arguments else {
                panic!("HEALTHCHECK NONE")
            };
            json!(["HEALTHCHECK", flags(&check.options), command(arguments)])
        }
        Instruction::Entrypoint(entrypoint) => {
            json!(["ENTRYPOINT", command(&entrypoint.arguments)])
        }
        Instruction::Cmd(cmd) => json!(["CMD", command(&cmd.arguments)]),
        other => panic!("rdspec has no use for this instruction: {other:?}"),
    }
}

/// What the plan says, in the same form.
fn planned(output: &Output, image: &ImagePlan) -> Vec<serde_json::Value> {
    let mut all =
        vec![json!(["ARG", format!("BASE={}", image.base)]), json!(["FROM", [], "${BASE}"])];
    all.push(json!(["USER", "0"]));
    all.extend(image.layers.iter().map(|layer| planned_layer(output, image, layer)));
    let configuration = &image.configuration;
    if !configuration.environment.is_empty() {
        let pairs = configuration.environment.iter().map(|(name, value)| format!("{name}={value}"));
        all.push(json!(["ENV", pairs.collect::<Vec<_>>()]));
    }
    if !configuration.labels.is_empty() {
        let pairs = configuration.labels.iter().map(|(name, value)| format!("{name}={value}"));
        all.push(json!(["LABEL", pairs.collect::<Vec<_>>()]));
    }
    all.extend(configuration.ports.iter().map(|port| json!(["EXPOSE", [port.to_string()]])));
    if !configuration.volumes.is_empty() {
        all.push(json!(["VOLUME", configuration.volumes]));
    }
    all.extend(configuration.working_directory.iter().map(|path| json!(["WORKDIR", path])));
    all.extend(configuration.stop_signal.iter().map(|signal| json!(["STOPSIGNAL", signal])));
    if let Some(check) = &configuration.healthcheck {
        let mut flags =
            vec![format!("--interval={}", check.interval), format!("--timeout={}", check.timeout)];
        flags.extend(check.start_period.iter().map(|period| format!("--start-period={period}")));
        flags.push(format!("--retries={}", check.retries));
        let command: Vec<String> = check.command.iter().map(ToString::to_string).collect();
        all.push(json!(["HEALTHCHECK", flags, command]));
    }
    all.extend(configuration.user.iter().map(|(uid, _)| json!(["USER", uid.to_string()])));
    all.extend(configuration.entrypoint.iter().map(|words| json!(["ENTRYPOINT", words])));
    all.extend(configuration.command.iter().map(|words| json!(["CMD", words])));
    all
}

fn planned_layer(output: &Output, image: &ImagePlan, layer: &plan::Layer) -> serde_json::Value {
    match &layer.instruction {
        plan::Instruction::Run(run) => {
            let mounts: Vec<String> = run.mounts.iter().map(planned_mount).collect();
            let sources = run.mounts.iter().filter_map(|mount| match mount {
                Mount::Bind { source, .. } => Some(source.as_str()),
                Mount::Cache { .. } | Mount::Secret { .. } => None,
            });
            let digest = digest::inputs(&output.tree.subtree(&image.folder), sources);
            json!(["RUN", mounts, format!("bash /run/{} # inputs {digest}", run.script)])
        }
        plan::Instruction::Copy(copy) => {
            let mut flags = vec![format!("--chmod={:04o}", copy.mode.bits())];
            flags.extend(copy.owner.map(|(uid, gid)| format!("--chown={uid}:{gid}")));
            let mut paths = copy.sources.clone();
            paths.push(copy.directory.clone());
            json!(["COPY", flags, paths])
        }
    }
}

fn planned_mount(mount: &Mount) -> String {
    match mount {
        Mount::Bind { source, target } => {
            format!("--mount=type=bind,source={source},target={target}")
        }
        Mount::Cache { id, target, locked } => {
            let sharing = if *locked { "locked" } else { "shared" };
            format!("--mount=type=cache,id={id},target={target},sharing={sharing}")
        }
        Mount::Secret { id, target, uid } => {
            format!("--mount=type=secret,id={id},required=true,target={target},mode=0400,uid={uid}")
        }
    }
}

fn assert_parsed_as_planned(output: &Output) {
    for image in &output.plan.images {
        let path = format!("{}/Dockerfile", image.folder);
        let text = std::str::from_utf8(&output.tree.get(&path).unwrap().bytes).unwrap();
        let (read, planned) = (read(text), planned(output, image));
        for (read, planned) in read.iter().zip(&planned) {
            assert_eq!(read, planned, "{path}");
        }
        assert_eq!(read.len(), planned.len(), "{path}");
    }
}

#[test]
fn every_instruction_of_this_stack_is_read_as_planned() {
    assert_parsed_as_planned(output());
}

#[test]
fn every_instruction_of_a_nasty_stack_is_read_as_planned() {
    assert_parsed_as_planned(&compiled(&nasty_spec()));
}

#[test]
fn what_copy_and_bind_mounts_name_is_in_the_build_context() {
    for output in [output(), &compiled(&nasty_spec())] {
        for image in &output.plan.images {
            let context = output.tree.subtree(&image.folder);
            for layer in &image.layers {
                let sources: Vec<&str> = match &layer.instruction {
                    plan::Instruction::Copy(copy) => {
                        copy.sources.iter().map(String::as_str).collect()
                    }
                    plan::Instruction::Run(run) => run
                        .mounts
                        .iter()
                        .filter_map(|mount| match mount {
                            Mount::Bind { source, .. } => Some(source.as_str()),
                            Mount::Cache { .. } | Mount::Secret { .. } => None,
                        })
                        .collect(),
                };
                for source in sources {
                    assert!(context.under(source).next().is_some(), "{}: {source}", image.folder);
                }
            }
        }
    }
}
