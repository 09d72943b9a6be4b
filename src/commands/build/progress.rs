//! How a build goes on, a layer at a time: bars on a terminal, plain lines elsewhere.

use std::time::{Duration, Instant};

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use crate::commands::Session;
use crate::engine::output::Event;
use crate::plan::{ImagePlan, Instruction};

/// How often a bar counts the seconds.
const TICK: Duration = Duration::from_millis(250);

/// The progress of several images.
pub struct Progress<'session, 'plan> {
    session: &'session Session,
    images: Vec<Image<'plan>>,
    engine: &'static str,
    /// None without a terminal.
    bars: Option<MultiProgress>,
    /// Whether lines of layers from the cache are left out.
    quietly: bool,
}

struct Image<'plan> {
    plan: &'plan ImagePlan,
    reference: String,
    base: String,
    begun: Option<Instant>,
    bar: Option<ProgressBar>,
    cached: usize,
    /// The layer that was last said to run.
    said: Option<usize>,
    /// Whether a line says that it is being built.
    introduced: bool,
}

impl<'session, 'plan> Progress<'session, 'plan> {
    /// Nothing has begun yet of these images, which are to get these names.
    pub fn new(
        session: &'session Session,
        images: &[(&'plan ImagePlan, String)],
        engine: &'static str,
        quietly: bool,
    ) -> Self {
        let images = images
            .iter()
            .map(|(plan, reference)| Image {
                plan,
                reference: reference.clone(),
                base: String::new(),
                begun: None,
                bar: None,
                cached: 0,
                said: None,
                introduced: false,
            })
            .collect();
        let bars = session.has_terminal() && !session.quiet && !session.verbose;
        Self { session, images, engine, bars: bars.then(MultiProgress::new), quietly }
    }

    /// An image begins, on a base.
    pub fn begun(&mut self, at: usize, base: &str, now: Instant) {
        let bar = self.bars.as_ref().map(|bars| {
            let bar = bars.add(ProgressBar::new_spinner());
            if let Ok(style) = ProgressStyle::with_template("{spinner} {elapsed:>4} {wide_msg}") {
                bar.set_style(style);
            }
            bar.enable_steady_tick(TICK);
            bar
        });
        let image = &mut self.images[at];
        base.clone_into(&mut image.base);
        image.begun = Some(now);
        image.bar = bar;
        if !self.quietly {
            self.introduce(at);
        }
    }

    fn introduce(&mut self, at: usize) {
        let image = &mut self.images[at];
        if std::mem::replace(&mut image.introduced, true) {
            return;
        }
        let line = format!(
            "building {} on {} with {}: {} layers",
            image.reference,
            image.base,
            self.engine,
            image.plan.layer_count()
        );
        self.line(&line);
    }

    /// Something happened to an image.
    pub fn happened(&mut self, at: usize, event: &Event) {
        match event {
            Event::Started { layer } => {
                let name = self.title(at, *layer);
                let image = &mut self.images[at];
                if let Some(bar) = &image.bar {
                    bar.set_message(name);
                }
            }
            Event::Cached { layer } => {
                self.images[at].cached += 1;
                if !self.quietly {
                    self.layer(at, *layer, "cached");
                }
            }
            Event::Printed { layer, text } => self.printed(at, *layer, text),
            Event::Finished { layer, seconds } => {
                self.introduce(at);
                self.layer(at, *layer, &format!("{seconds:.1} s"));
            }
            Event::Failed { layer } => {
                self.introduce(at);
                self.layer(at, *layer, "failed");
            }
            Event::Said { text } => {
                if self.session.verbose {
                    self.line(text);
                }
            }
        }
    }

    fn printed(&mut self, at: usize, layer: usize, text: &str) {
        if let Some(bar) = &self.images[at].bar {
            bar.set_message(format!("{}  {text}", self.title(at, layer)));
            return;
        }
        // A line for who reads a log while something takes minutes.
        if self.images[at].said.replace(layer) != Some(layer) {
            self.introduce(at);
            self.layer(at, layer, "runs");
        }
        if self.session.verbose {
            self.line(&format!("  {text}"));
        }
    }

    /// An image has ended, well or not.
    pub fn ended(&mut self, at: usize, well: bool, now: Instant) {
        let image = &mut self.images[at];
        if let Some(bar) = image.bar.take() {
            bar.finish_and_clear();
        }
        if !well || (self.quietly && !image.introduced) {
            return;
        }
        let seconds = image.begun.map_or(0.0, |begun| (now - begun).as_secs_f64());
        let line = format!(
            "{} is there after {seconds:.1} s, {} of {} layers from the cache",
            image.plan.name,
            image.cached,
            image.plan.layer_count()
        );
        self.line(&line);
    }

    /// Everything has ended; nothing of the bars stays.
    pub fn close(&mut self) {
        if let Some(bars) = &self.bars {
            let _ = bars.clear();
        }
    }

    fn layer(&mut self, at: usize, layer: usize, what: &str) {
        let line = format!("  {}: {what}", self.title(at, layer));
        self.line(&line);
    }

    fn line(&self, text: &str) {
        match &self.bars {
            _ if self.session.quiet => {}
            Some(bars) => drop(bars.println(text)),
            None => self.session.say(text),
        }
    }

    /// `base 5/18 apt-normal (office, vnc, xfce)`.
    fn title(&self, at: usize, layer: usize) -> String {
        let plan = self.images[at].plan;
        let (name, owners) = describe(plan, layer);
        let owners = if owners.is_empty() || owners == name {
            String::new()
        } else {
            format!(" ({owners})")
        };
        format!("{} {}/{} {name}{owners}", plan.name, layer + 1, plan.layer_count())
    }
}

/// The name of a layer by its number among those of the Dockerfile, and the components that it belongs to.
pub fn describe(plan: &ImagePlan, layer: usize) -> (String, String) {
    let Some(found) = plan.layers.get(layer) else {
        return ("working directory".to_owned(), String::new());
    };
    let name = plan.estimates.get(layer).map_or_else(
        || match &found.instruction {
            Instruction::Run(run) => run.script.clone(),
            Instruction::Copy(copy) => copy.directory.clone(),
        },
        |estimated| estimated.name.clone(),
    );
    let mut owners: Vec<&str> = found.owners.iter().map(crate::model::Name::as_str).collect();
    owners.sort_unstable();
    owners.dedup();
    (name, owners.join(", "))
}
