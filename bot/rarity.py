"""Rarity: what a text is about, as tokens, and how much it says that two texts share one.

How rare a word is was counted once, in the training texts of the model, so that joining does not hang on what else is open.
"""

import math
import re
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache

from bot.wordings import ALIKE

IN_HEADLINE = 1.6
AGAIN = 0.5  # how much more is what a text says e times as often
UNTOLD = 100.0  # what a text may name besides, squared: three words or so
NUMBER = 3.4  # of a short one: many texts have a 60 in them
RAREST = 6.0  # weight of a word that fewer than one text in two hundred has
COUNTRY, GROUND, RATE = "©", "¶", "%"  # how tokens begin that stand for something found, in whatever words
MEANT = {COUNTRY: 2.6, GROUND: 2.6, RATE: 2.5}


def stems(text: str) -> tuple[str, ...]:
    """Content words of `text`, roughly stemmed, each as often as it stands there."""
    words = (w.lower() for w in WORD.findall(text))
    hindi = [HINDI[w] for w in DEVANAGARI.findall(text) if w in HINDI]
    return tuple(sorted(hindi + [_stem(w) for w in words if w not in STOP and len(w) > 1]))


def said(text: str) -> list[str]:
    """Its content words, where those that may stand for each other are one."""
    return [SAME.get(stem, stem) for stem in stems(text)]


def _stem(word: str) -> str:
    word = POSSESSIVE.sub("", word)
    for end in ("ies", "ing", "ed", "es", "s"):
        if word.endswith(end) and len(word) - len(end) >= 3:
            return word[: -len(end)] + ("y" if end == "ies" else "")
    return word


def weight(token: str) -> float:
    """Of a stem, or of a token that stands for something found; the natural logarithm of how rare it is."""
    return MEANT.get(token[0], 0.0) or SEEN.get(token) or (NUMBER if token.isdigit() and len(token) < 5 else RAREST)


def named(tokens: Iterable[str]) -> dict[str, float]:
    """What is named, with its weight; words that may stand for each other are one."""
    found: dict[str, float] = {}
    for token in tokens:
        name = SAME.get(token, token)
        found[name] = max(found.get(name, 0.0), weight(token))
    return found


@lru_cache(maxsize=2048)
def weighed(tokens: tuple[str, ...], headline: frozenset[str]) -> dict[str, float]:
    """The vector of a text, nearly of unit length: that of a bare title is shorter, as it proves less. What the headline names
    weighs more, what is said again a little more, and words that may stand for each other are one. Kept, because each text is
    compared with many."""
    found: dict[str, float] = {}
    times = Counter(SAME.get(token, token) for token in tokens)
    for token in set(tokens):
        name = SAME.get(token, token)
        value = weight(token) * (IN_HEADLINE if token in headline else 1.0) * (1 + AGAIN * math.log(times[name]))
        found[name] = max(found.get(name, 0.0), value)
    length = (UNTOLD + sum(value * value for value in found.values())) ** 0.5
    return {name: value / length for name, value in found.items()}


def cosine(one: dict[str, float], other: dict[str, float]) -> float:
    small, large = sorted((one, other), key=len)
    return sum(value * large[name] for name, value in small.items() if name in large)


def shared(tokens: Iterable[str], one: dict[str, float], other: dict[str, float]) -> list[str]:
    """Which of the words of a text whose vector is `one` another has too, or one of their like; what says most first."""
    common = [
        (name, token) for token in set(tokens) if (name := SAME.get(token, token)) in other and name[0] not in MEANT
    ]
    common.sort(key=lambda pair: (-one[pair[0]] * other[pair[0]], pair[1]))
    return [token for _, token in common]


def _bands(bands: Iterable[tuple[float, str]]) -> dict[str, float]:
    return {stem: value for value, words in bands for stem in words.split()}


WORD = re.compile(r"[^\W_\u0900-\u097F]+(?:[.'’][^\W_]+)*%?")
DEVANAGARI = re.compile(r"[\u0900-\u0963\u0966-\u097F]+")
POSSESSIVE = re.compile(r"['’]s?$")
STOP = frozenset(
    re.findall(
        r"\w+",
        """a an and are as at be been but by can for from had has have he her his how i if in into is it its may more new no
        not of on or our over say says said she so than that the their them they this to up was we were what when where
        which who will with would you your after amid before about could also against""",
    )
)
SAME = {_stem(word): f"{min(group)}" for group in ALIKE for word in sorted(group)}
# Trade words of Hindi papers, with the stem that an English text would have; other words of theirs are left out.
HINDI = {
    word: stem
    for words, stem in re.findall(
        r"([\s\u0900-\u097F]+)=(\w+)",
        """शुल्क टैरिफ ड्यूटी=duty ट्रंप ट्रम्प=trump अमेरिका अमेरिकी=us भारत भारतीय=india निर्यात निर्यातक निर्यातकों=export
आयात आयातक आयातकों=import व्यापार कारोबार=trade समझौता समझौते करार=deal बातचीत वार्ता=talk धमकी=threat राहत=relief छूट=exempt
प्रतिबंध=ban जवाबी=retaliatory  डंपिंग=dump कोटा=quota विधेयक=bill समिति=panel सीनेट=senate कोर्ट अदालत=court जीएसपी=gsp
गोयल=goyal मोदी=modi वॉशिंगटन वाशिंगटन=washington दिल्ली=delhi चीन=china रूस रूसी=russian तेल=oil हीरा हीरे हीरों=diamond
आभूषण जेवर ज्वैलरी=jewellery सूरत=surat दवा दवाओं दवाइयों फार्मा=drug जेनेरिक=generic सेब=apple बागवान बागवानों=grower शिमला=shimla
किसान किसानों=farmer मक्का मक्के=maize एथेनॉल इथेनॉल=ethanol झींगा झींगे=shrimp मछली=fish चाय=tea दार्जिलिंग=darjeel कॉफी=coffee
मसाला मसाले मसालों=spice चावल बासमती=rice गेहूं=wheat दाल दालों=puls चीनी=sugar दूध डेयरी=dairy बादाम=almond अखरोट=walnut
सोयाबीन सोया=soybean कपास सूती=cotton कपड़ा कपड़े वस्त्र=textil परिधान=apparel कालीन=carpet तिरुपुर=tiruppur पानीपत=panipat चमड़ा
चमड़े=leather जूते=footwear खिलौने=toy इस्पात स्टील=steel एल्युमिनियम=aluminium तांबा तांबे=copper सोना सोने=gold वाहन ऑटो=auto
मोबाइल फोन=phone चिप=chip सौर सोलर=solar डिजिटल=digital वीजा वीज़ा=visa डाक=post जनवरी=january फरवरी=february मार्च=march अप्रैल=april
मई=may जून=june जुलाई=july अगस्त=august सितंबर=september अक्टूबर=october नवंबर=november दिसंबर=december""",
    )
    for word in words.split()
}
SEEN = _bands(
    (
        (
            2.0,  # in a tenth of all texts and more
            """american duty good india indian tariff trade trump us year""",
        ),
        (
            2.7,  # in a twentieth
            """50% all america ask call cent china commerce country cut day deal delhi end export exporter first import levy
            minister oil one order out pact pay per president put rate stat talk three told two under unit washington""",
        ),
        (
            3.4,  # in a fiftieth
            """25% add agreement any april august back bank between bill billion both bring busines buy buyer came car chief
            come company cost court crore crude data did do dollar down each economic eu fall farm fell find firm five
            foreign four free gain get go government half hindu hit hold home house importer keep last leader let list
            look lost lower made make maker market meet million ministry mint modi month most must new next nifty now off
            official open other own part people percent plan plant point post pric price product quota rat reuter review
            rose rul run rupee russia russian sal second secretary section see sell set shar should show sign since six
            small sold some state stay steel stock tak take tax tell ten there third those through tim time today trader
            want war week white why within work world""",
        ),
        (
            4.2,  # in a hundredth
            """10% 100% 15% 18% accord act additional again agre ahead already among analyst announc another answer asia auto
            away barrel begin beij being below best board body book bought brazil canada cargo case centre chain chang
            charg charge chinese chip claim clear clos close com comment commission congres cotton council count cover
            credit custom dairy date december demand department discount doe donald doubl drop drug due dump early economy
            effect eight emergency energy enter entry europe european even every expect expres face fair farmer fear
            february fee feed fifth final follow force found framework friday friend full fund gap garment gave giv give
            given global goe gold gone goyal group grower growth gulf hand head hear held help here high higher him
            hindustan hour industry interest interim investor january japan job joint july june kept know labour lakh land
            largest law lead leav left les letter lift like lin line live long los low mak march margin matter mean member
            metal mexico mill monday money moscow mov much mumbai nam nation national ndtv near nearly need negotiator
            nine noth notice november number october offer office once only paid pakistan paper partner party penalty
            place pm policy port power prime producer profit purchas putin quarter question rais reach read reciprocal
            record refiner relief report representative result return rise round rs rule same sanction security seek send
            sensex sent september servic seven share ship shipment shrimp shut sid side slip south speak spoke stand
            standard start statement step still stop street subsidy such summit supplier supply surcharge taken team term
            text then thursday till too took top treasury tuesday turn u.s union until use used ustr value vietnam visa
            visit wait wall warn watch way wednesday went whether while win without word worker worth wrote york zero""",
        ),
        (
            4.8,  # in a two-hundredth
            """12% 12.5 12.5% 1b 20% 3% 30% 5% above abroad acces account action adviser affair africa agency ago agree ai
            air aircraft allow almond alone aluminium ambassador andhra anti antidump apparel appl apple apply arm articl
            asian association autumn average ban bangladesh bar bas bbc bear because beef began begun behind bengaluru
            bessent bet better big bilateral block bloomberg bn bond border brand break brent brief britain broker brought
            brussel budget build built businessline cabinet cannot cap capacity capital carpet carry cash cbp cell central
            certain change chapter cheap cheaper check cheer chennai cit city client climb cnbc coffee collect committee
            contract copper corn counter countervail crop csm curb currency customer de deadline dealer decision defence
            delay deposit determination diamond digital diwali domestic don't done door double draft draw dubai earlier
            earning earth economist edge electronic eleven engineer envoy equity executive explain extend external extra
            eye fact factory family far fed federal few fifty fil fill finance financial finish fix flat flight flow food
            forc forecast former forty forward fresh frozen fuel further gas gem general generic gift going gor got
            governor grain greenland greer ground grow gst gujarat halt hop hurt hyderabad index indonesia industrial
            inflation injury inquiry international investigation investment iran issu jaishankar jet jewellery join jump
            korea large late later lawyer leather leave led lender level licence likely limit link little loan local
            longer loom lose maize man many me meant measur media medicin met milk mineral minut mission model morn move
            mr my name narrow negotiation neither net never night nil nobody non none north not note officer old
            opposition origin outlook output outside owner paise panel parcel parliament pass past payment peace period
            petition pharma phase phon phone pick plac pradesh preliminary pres pressure private probe proclamation promis
            promise propos public purchase push quad raise rally rare rbi ready reason red refund regulator reliance
            remain remark reply reporter request rest revenue rice right risk rival road roll room rosneft row rubio rush
            saturday school sea season sector seen seller senate senator service session settl shall sheet shift shipp
            shock shop short single sink sit slow social solar sourc soybean spar spr staff stopp stor student study
            subject summer sunday support supreme surat table taiwan tanker target tata tenth test texa textil textile
            thailand thank these thing think thirty though threat threaten tie tiruppur together tonn total touch town
            trad train tranche trim truce truck turkey twenty twice uk ukraine unles ural very view vot vote waiver weak
            weigh well west whose widen window wine winter women worry worst written wto xi yarn yet""",
        ),
    )
)
