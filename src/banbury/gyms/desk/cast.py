"""Who works here and with whom: invented people, firms, projects, and what they write."""

from __future__ import annotations

from dataclasses import dataclass

FIRST = (
    "Ada", "Amir", "Anja", "Bela", "Bruno", "Carla", "Cem", "Clara", "Dario", "Dina", "Edwin",
    "Elif", "Emil", "Farah", "Felix", "Greta", "Hana", "Hugo", "Ines", "Ivan", "Jana", "Jonas",
    "Kaito", "Karin", "Lars", "Leila", "Lukas", "Maya", "Milan", "Nadia", "Nils", "Nora", "Olga",
    "Omar", "Petra", "Pablo", "Rana", "Rolf", "Sara", "Selim", "Tara", "Theo", "Ursula", "Vera",
    "Viktor", "Wanda", "Yara", "Zoe",
)  # fmt: skip
LAST = (
    "Abel", "Aydin", "Bauer", "Berg", "Costa", "Danner", "Duarte", "Egger", "Faber", "Ferrari",
    "Fischer", "Garcia", "Haas", "Holm", "Ivanov", "Jansen", "Kaya", "Keller", "Klein", "Kovac",
    "Lang", "Lind", "Lopez", "Marin", "Meyer", "Moreau", "Nagy", "Novak", "Okafor", "Olsen",
    "Peters", "Quist", "Rossi", "Sato", "Schmid", "Silva", "Soler", "Tanaka", "Toth", "Urban",
    "Vogel", "Weber", "Winter", "Wolff", "Yilmaz", "Zeller",
)  # fmt: skip
HOUSES = ("harborlight", "millstone", "oakfield", "redwater", "stonebridge", "westgate")
FIRMS = (
    "Alder", "Bellweather", "Castor", "Dovetail", "Ember", "Fairlane", "Gantry", "Hollow",
    "Ironwood", "Juniper", "Kestrel", "Larkspur", "Marlin", "Northpoint", "Orchard", "Pinnacle",
    "Quarry", "Rosewood", "Summit", "Tidewater",
)  # fmt: skip
ROLES = (
    "accounting", "legal", "sales", "support", "purchasing", "logistics", "design", "marketing",
    "personnel", "training", "security", "facilities",
)  # fmt: skip
PROJECTS = (
    "Atlas", "Birch", "Cobalt", "Delta", "Echo", "Falcon", "Granite", "Horizon", "Indigo",
    "Jasmine", "Kepler", "Lotus", "Meteor", "Nimbus", "Onyx", "Prism", "Quartz", "Raven",
    "Saffron", "Tundra",
)  # fmt: skip
TOPICS = (
    "the annual report", "the new price list", "the fire drill", "the summer party",
    "the trade fair", "the parking spaces", "the travel rules", "the product photos",
    "the warranty terms", "the website texts", "the spring catalogue", "the supplier survey",
    "the customer interviews", "the meeting rooms", "the holiday plan", "the training budget",
    "the delivery delays", "the quality audit", "the office move", "the data backup",
    "the new uniforms", "the press release", "the canteen menu", "the safety manual",
    "the packaging test", "the loyalty programme", "the recruiting day", "the insurance claim",
)  # fmt: skip
TITLES = (
    "Budget review", "Weekly sync", "Roadmap", "Hiring round", "Retrospective", "Client call",
    "Design critique", "Supplier talk", "Launch plan", "Quarterly figures", "Risk check",
    "Onboarding", "Press briefing", "Site visit", "Contract talk", "Price review",
    "Training plan", "Stock count", "Quality circle", "Team lunch",
)  # fmt: skip
CHATTER = (
    ("About {topic}", "I had a look at {topic} and have nothing to add. Best, {first}"),
    ("Thanks", "Thank you for your help with {topic}. {first}"),
    ("{project}: a short update", "{project} is on track, more next week. {first}"),
    ("Re: {topic}", "Agreed, let us leave {topic} as it is. {first}"),
    ("Out of office", "I am away for two days. For {topic} please ask a colleague. {first}"),
    ("{project} minutes", "The minutes of {project} are in the usual place. {first}"),
    ("For your information", "There is news on {topic}. No answer needed. {first}"),
)
NOTES = (
    "Notes on {topic}\nNothing is decided yet. The next look at it is in two weeks.",
    "Project {project}\nStatus: on track\nOpen points: two",
    "Draft on {topic}\nTo be checked before it goes out.",
)


@dataclass(frozen=True)
class Person:
    """Somebody in the address book, or about to be."""

    name: str
    email: str
    phone: str
    firm: str
    role: str

    @property
    def first(self) -> str:
        """Return the first name."""
        return self.name.split()[0]
