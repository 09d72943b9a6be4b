//! Shortcuts: what users click (Desktop Entry Specification 1.5).

use std::collections::BTreeMap;

use super::language::Language;
use super::names::{Line, Name};
use super::path::AbsolutePath;
use crate::source::Span;

/// A shortcut, in each of the places where it lies.
#[derive(Clone, Debug)]
pub struct Shortcut {
    /// Its name, which is its file's.
    pub name: Name,
    /// `Name`
    pub title: Localized<Line>,
    /// `GenericName`
    pub generic_name: Option<Localized<Line>>,
    /// `Comment`
    pub comment: Option<Localized<Line>>,
    /// `Keywords`
    pub keywords: Option<Localized<Vec<Line>>>,
    /// `Icon`: a name of the icon theme, or a path.
    pub icon: Option<Line>,
    /// What a click does.
    pub action: Action,
    /// Its file on the user's desktop, if it lies there.
    pub on_desktop: Option<AbsolutePath>,
    /// Its file in the menu of programs, if it is there.
    pub in_menu: Option<AbsolutePath>,
    /// Where it was declared.
    pub span: Span,
}

/// What a click on a shortcut does.
#[derive(Clone, Debug)]
pub enum Action {
    /// Runs a program.
    Program(Program),
    /// Opens an address.
    Link(Line),
}

/// A program that a shortcut runs.
#[derive(Clone, Debug)]
pub struct Program {
    /// `Exec`: program and arguments, with field codes (`%F`) and `%%` for a percent sign.
    pub command: Vec<String>,
    /// Where that stands.
    pub command_span: Span,
    /// `Categories`
    pub categories: Vec<Line>,
    /// `MimeType`
    pub mime_types: Vec<Line>,
    /// `Terminal`
    pub terminal: bool,
    /// `StartupNotify`
    pub startup_notify: Option<bool>,
    /// `Path`
    pub working_directory: Option<AbsolutePath>,
}

/// What users read, by language.
#[derive(Clone, Debug)]
pub struct Localized<T> {
    /// For whoever has none of the other languages.
    pub default: T,
    /// For the others, where it differs.
    pub others: BTreeMap<Language, T>,
}

/// Whether a category is registered (Desktop Menu Specification 1.1, appendix "registered categories"), without the
/// reserved ones, or an extension, `X-…`.
pub fn is_category(name: &str) -> bool {
    let extension = name.strip_prefix("X-").is_some_and(|rest| {
        !rest.is_empty() && rest.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
    });
    extension || categories().any(|known| known == name)
}

/// The registered categories.
pub fn categories() -> impl Iterator<Item = &'static str> {
    CATEGORIES.split_whitespace()
}

/// First the main ones, then the additional ones.
const CATEGORIES: &str = "
    AudioVideo Audio Video Development Education Game Graphics Network Office Science Settings System Utility
    2DGraphics 3DGraphics Accessibility ActionGame Adult AdventureGame Amusement ArcadeGame Archiving Art
    ArtificialIntelligence Astronomy AudioVideoEditing Biology BlocksGame BoardGame Building Calculator
    Calendar CardGame Chart Chat Chemistry Clock Compression ComputerScience ConsoleOnly Construction
    ContactManagement Core DataVisualization Database Debugger DesktopSettings Dialup Dictionary DiscBurning
    Documentation Economy Electricity Electronics Email Emulator Engineering Feed FileManager FileTools
    FileTransfer Filesystem Finance FlowChart GNOME GTK GUIDesigner Geography Geology Geoscience HamRadio
    HardwareSettings History Humanities IDE IRCClient ImageProcessing InstantMessaging Java KDE KidsGame
    Languages Literature LogicGame Maps Math MedicalSoftware Midi Mixer Monitor Motif Music News
    NumericalAnalysis OCR P2P PDA PackageManager ParallelComputing Photography Physics Player Presentation
    Printing Profiling ProjectManagement Publishing Qt RasterGraphics Recorder RemoteAccess RevisionControl
    Robotics RolePlaying Scanning Security Sequencer Shooter Simulation Spirituality Sports SportsGame
    Spreadsheet StrategyGame TV Telephony TelephonyTools TerminalEmulator TextEditor TextTools Translation
    Tuner VectorGraphics VideoConference Viewer WebBrowser WebDevelopment WordProcessor XFCE
";
