"""Units of amounts, their dimensions and spellings."""

import unicodedata
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit of `factor` times the base unit of its dimension: grams, milliliters or pieces.

    Containers such as bottles have a dimension of their own, so they add up only with themselves.
    """

    name: str
    plural: str
    dimension: str
    factor: Decimal
    aliases: tuple[str, ...]


# name, plural (- if the same), dimension, factor, aliases
_MEASURES = """
piece|pieces|count|1|pc pcs pce pces ea each item items unit units stück stueck pieza piezas ชิ้น อัน ลูก ฟอง หัว ผล เม็ด ตัว ใบ เล่ม ดอก ดวง ผืน โต หน่วย ct nos stk
pair|pairs|count|2|pairs คู่
dozen|-|count|12|dozens doz dz dutzend docena docenas โหล
mg|-|mass|0.001|milligram milligrams milligramme milligrammes มก. มก มิลลิกรัม
g|-|mass|1|gr gm gms gram grams gramme grammes gramm gramo gramos กรัม
kg|-|mass|1000|kgs kilo kilos kilogram kilograms kilogramme kilogrammes กก. กก กิโลกรัม กิโล โล
ขีด|-|mass|100|
dag|-|mass|10|deka dkg dekagramm
Pfund|-|mass|500|
oz|-|mass|28.349523125|ounce ounces ออนซ์
lb|-|mass|453.59237|lbs pound pounds ปอนด์ libra libras
ml|-|volume|1|mls milliliter milliliters millilitre millilitres มล. มล มิลลิลิตร
cl|-|volume|10|cls centiliter centiliters centilitre centilitres
dl|-|volume|100|dls deciliter deciliters decilitre decilitres
liter|liters|volume|1000|l ls ltr ltrs lt litre litres liters litro litros ลิตร
teaspoon|teaspoons|volume|5|tsp tsps teaspoonful teaspoonfuls ช้อนชา ช.ช.
tablespoon|tablespoons|volume|15|tbsp tbsps tbs tbl tablespoonful tablespoonfuls ช้อนโต๊ะ ช.ต.
cup|cups|volume|240|c cupful cupfuls ถ้วยตวง ถ้วย แก้ว
fl oz|-|volume|29.5735295625|floz fluid-ounce fluid-ounces fl.oz.
pint|pints|volume|473.176473|pt pts
quart|quarts|volume|946.352946|qt qts
gallon|gallons|volume|3785.411784|gal gals แกลลอน
cm|-|length|1|centimeter centimeters centimetre centimetres ซม. ซม เซนติเมตร
inch|inches|length|2.54|นิ้ว
meter|meters|length|100|metre metres mtr เมตร
"""
_CONTAINERS = """
pack|packs|pk pks pkg pkgs pkt pkts package packages packet packets packung packungen päckchen paquete paquetes แพ็ค แพ็ก แพค ห่อ ซอง multipack multipacks pakete bungkus sobre sobres
bottle|bottles|btl btls flasche flaschen botella botellas ขวด botol
can|cans|tin tins dosen lata latas กระป๋อง dose ป๋อง กป.
box|boxes|bx schachtel caja cajas กล่อง ลัง
bag|bags|sack sacks baggie baggies beutel tüte tüten bolsa bolsas ถุง กระสอบ saco sacos
bunch|bunches|bnch bund manojo manojos กำ มัด ช่อ หวี bundle bundles bouquet bouquets พวง
jar|jars|glas gläser glaeser tarro tarros frasco frascos กระปุก โหลแก้ว bote botes
roll|rolls|rolle rollen rollo rollos ม้วน
carton|cartons|ctn ctns cartón cartones brik
loaf|loaves|laib laibe แถว
stalk|stalks|ก้าน
head|heads|
clove|cloves|กลีบ
tube|tubes|หลอด tubo tubos
tub|tubs|
bar|bars|ก้อน แท่ง barra barras
slice|slices|scheibe scheiben แผ่น
stick|sticks|ไม้
sheet|sheets|
sprig|sprigs|
pinch|pinches|หยิบมือ
dash|dashes|
drop|drops|หยด
handful|handfuls|
ear|ears|ฝัก
leaf|leaves|
fillet|fillets|
knob|knobs|
scoop|scoops|
splash|splashes|
crate|crates|kiste kisten kasten kästen
case|cases|
tray|trays|ถาด แผง
punnet|punnets|
pouch|pouches|sachet sachets
bucket|buckets|ถัง eimer pail pails
set|sets|ชุด
strip|strips|
wedge|wedges|
stem|stems|
bulb|bulbs|
cube|cubes|würfel
block|blocks|
rasher|rashers|
wheel|wheels|
basket|baskets|เข่ง ตะกร้า
net|nets|netz netze malla mallas
jug|jugs|garrafón garrafones เหยือก
ream|reams|รีม
slab|slabs|
bale|bales|
"""


def _fold(table: str) -> str:
    """Return the table as amounts are folded before they are parsed: NFKC makes two letters of the Thai “ำ”."""
    return unicodedata.normalize("NFKC", table).strip()


def _parse_units() -> list[Unit]:
    units = []
    for row in _fold(_MEASURES).splitlines():
        name, plural, dimension, factor, aliases = row.split("|")
        spellings = tuple(alias.replace("-", " ") for alias in aliases.split())
        units.append(Unit(name, name if plural == "-" else plural, dimension, Decimal(factor), spellings))
    for row in _fold(_CONTAINERS).splitlines():
        name, plural, aliases = row.split("|")
        units.append(Unit(name, plural, name, Decimal(1), tuple(aliases.split())))
    return units


UNITS: dict[str, Unit] = {unit.name: unit for unit in _parse_units()}
SPELLINGS: dict[str, Unit] = {
    spelling: unit for unit in UNITS.values() for spelling in (unit.name, unit.plural, *unit.aliases)
}
# Abbreviations that differ only in case.
CASED: dict[str, Unit] = {"T": UNITS["tablespoon"], "t": UNITS["teaspoon"], "C": UNITS["cup"]}
