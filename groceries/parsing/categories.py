"""Guess the category of an item from the catalogue and from words of groceries."""

import re
from functools import lru_cache

from groceries.parsing.names import normalize, singular
from groceries.parsing.products import find_product

CATEGORIES = ("produce", "dairy", "staple", "protein", "household", "other")

# Words are singular, as `names.normalize` returns them. Longer phrases take precedence over their last word.
_PRODUCE = """
apple, apricot, artichoke, arugula, asparagus, aubergine, avocado, bamboo shoot, banana, basil, bean sprout, beet,
beetroot, berry, blackberry, blueberry, bok choy, broccoli, broccolini, brussels sprout, brussel sprout, butternut, cabbage, cantaloupe,
capsicum, carrot, cauliflower, cassava, celery, chard, cherry, chestnut, chicory, chili, chilli, chile, chive, cilantro, clementine,
collard, collard green, coriander, corn on the cob, courgette, cranberry, cress, cucumber, currant, dill, dragon fruit, dragonfruit, durian, edamame,
eggplant, endive, fennel, fig, flower, fruit, galangal, garlic, ginger, gooseberry, grape, grapefruit, green, green bean, guava, herb,
holy basil, honeydew, iceberg, jackfruit, jalapeno, jalapeño, jicama, kaffir lime, kale, kiwi, kohlrabi, kumquat, leek, lemon,
lemongrass, lettuce, lime, longan, lychee, mandarin, mango, mangosteen, melon, mint, morning glory, mushroom, nectarine,
okra, onion, orange, oregano leaf, pak choi, pandan, papaya, parsley, parsnip, passion fruit, pea, peach, pear, persimmon, pepper bell,
bell pepper, green pepper, red pepper, yellow pepper, habanero, serrano, poblano, chili pepper, chilli pepper, sweet pepper, pineapple,
plantain, plum, pomegranate, pomelo, potato, pumpkin, quince, radicchio, radish, rambutan, raspberry, rhubarb, rocket, romaine, rosemary,
rutabaga, sage, salad, scallion, shallot, snow pea, spinach, spring onion, green onion, sprout, squash, strawberry, swede, sweetcorn, sweet corn,
sweet potato, tamarind, tangerine, taro, tarragon, tatsoi, thai basil, thyme, tomato, turnip, vegetable, veg, veggie, watercress,
watermelon, yam, zucchini, date, lemon grass, corn, soursop, rose apple, starfruit, portobello, shiitake, enoki, porcini, chanterelle,
ผัก, ผลไม้, มะเขือเทศ, หอม, หัวหอม, กระเทียม, ผักชี, กะเพรา, มะนาว, มะม่วง, กล้วย, ส้ม, แตงโม, แตงกวา, แครอท, มันฝรั่ง, พริก, ขิง, เห็ด,
คะน้า, กะหล่ำ, ผักบุ้ง, ต้นหอม, มะละกอ, สับปะรด, ทุเรียน, แอปเปิ้ล, องุ่น, ฝรั่ง, ตะไคร้, ข่า, โหระพา, ถั่วงอก, บรอกโคลี, ผักกาด, มะพร้าว
"""
_DAIRY = """
brie, butter, buttermilk, camembert, cheddar, cheese, clotted cream, condensed milk, cottage cheese, cream, cream cheese, creamer,
creme fraiche, crème fraîche, curd, custard, egg, egg white, egg yolk, emmental, feta, ghee, goat cheese, gorgonzola, gouda, gruyere,
half and half, halloumi, kefir, labneh, margarine, mascarpone, milk, mozzarella, paneer, parmesan, parmigiano, pecorino, provolone,
quark, ricotta, skyr, sour cream, whipped cream, whipping cream, yoghurt, yogurt, yakult, almond milk, oat milk, soy milk, oatly,
swiss cheese, blue cheese, whey, dulce de leche, lassi, tzatziki, roquefort, manchego, havarti, pudding,
นม, เนย, ชีส, ไข่, ไข่ไก่, ไข่เป็ด, โยเกิร์ต, นมสด, ครีม, นมเปรี้ยว, นมข้น, นมถั่วเหลือง
"""
_PROTEIN = """
anchovy, bacon, beef, bratwurst, brisket, calamari, chicken, chicken breast, chicken thigh, chorizo, clam, cod, crab, cutlet, deli meat,
drumstick, duck, fish, fish ball, fish stick, fish finger, frankfurter, goose, ground beef, ground pork, halibut, ham, hamburger patty, herring, hot dog, kebab, lamb,
liver, lobster, mackerel, meat, meatball, mince, minced meat, mussel, mutton, octopus, oyster, pancetta, pastrami, patty, pepperoni,
pork, pork belly, prawn, prosciutto, quail, rabbit, rib, roast beef, salami, salmon, sardine, sausage, scallop, seafood, seitan, shrimp,
sirloin, snapper, spare rib, squid, steak, tempeh, tenderloin, tilapia, tofu, trout, tuna, turkey, veal, venison, wiener, wing,
chicken wing, veggie burger, burger, surimi, hamburger, moo ping, sai ua, gyoza, dumpling filling, lunch meat, cold cut,
หมู, ไก่, เนื้อ, ปลา, กุ้ง, หมึก, ปู, เต้าหู้, ไส้กรอก, เบคอน, แฮม, หมูสับ, อกไก่, แซลมอน, หอย, เป็ด, ลูกชิ้น, ทูน่า, หมูกรอบ, กุนเชียง
"""
_STAPLE = """
agave, allspice, almond, almond butter, almond flour, aioli, baguette, bagel, baked bean, baking powder, baking soda, baking chocolate, balsamic, barley, basmati,
bay leaf, bbq sauce, bean, black bean, black pepper, bouillon, bouillon cube, bran, bread, breadcrumb, broth, brown rice, brown sugar, buckwheat, bulgur, bun,
caper, caramel, caraway, cardamom, cashew, cayenne, cereal, cheerio, chia, chia seed, chickpea, chili flake, chili powder, chilli powder, chili sauce, chutney, ciabatta,
cinnamon, clove, cocoa, coconut milk, coconut cream, coconut oil, coffee, coffee bean, coffee ground, instant coffee, ground coffee, condiment, cooking oil, cornflake, corn flake, corn starch,
cornstarch, cornmeal, corn flour, couscous, cracker, croissant, crouton, crumpet, cumin, curry, curry paste, curry powder, dashi, dough, dried fruit, dressing, extract,
farro, fenugreek, filo, fish sauce, five spice, flatbread, flax, flaxseed, flour, focaccia, garam masala, garlic powder, gelatin, gnocchi, graham cracker, grain,
granola, gravy, hazelnut, hemp seed, hoisin, honey, horseradish, hot sauce, hummus, icing sugar, jam, jasmine rice, jelly, ketchup, kidney bean, kimchi,
lard, lasagna, lasagne, lentil, linguine, macadamia, macaroni, mac and cheese, maple syrup, marmalade, marmite, marzipan, masala, matcha, mayo, mayonnaise, millet, mirin, miso, molasses,
muesli, muffin, mustard, naan, nori, noodle, glass noodle, rice noodle, instant noodle, nut, nutella, nutmeg, oat, oatmeal, oil, olive, olive oil, onion powder, orzo, oregano, oyster sauce,
palm sugar, pancake, pancake mix, panko, paprika, pasta, pastry, peanut, peanut butter, pecan, penne, pepper, peppercorn, pesto, phyllo, pickle, pie crust, pine nut, pistachio, pita, pitta, pizza dough, polenta, poppy seed, porridge,
protein powder, prune, pumpkin seed, quinoa, raisin, ramen, relish, rice, rice cake, rice paper, rice vinegar, rigatoni, rolled oat, roll, rusk, saffron, salad dressing, salsa, salt, sauce, sauerkraut, seasoning, seaweed, seed, semolina,
sesame, sesame oil, sesame seed, shortening, soup, sourdough, soy sauce, spaghetti, spice, split pea, sriracha, starch, sticky rice, chicken stock, stock cube, sugar, sultana, sunflower seed, sunflower oil, sushi rice,
sweetener, syrup, tabasco, taco shell, tahini, tapioca, tea, tea bag, teabag, green tea, black tea, thai curry, toast, tomato paste, tomato puree, tomato sauce, canned tomato, diced tomato, tortellini, tortilla, turmeric, udon,
vanilla, vanilla extract, vegemite, vegetable oil, vermicelli, vinegar, walnut, wasabi, wheat, white pepper, wonton, worcestershire, wrap, yeast, rye, spelt, fusilli, farfalle, fettuccine, ravioli,
salad mix, soup mix, cake mix, apple butter, applesauce, apple sauce, cookie dough, breadstick, brioche, pretzel bun, english muffin, mama noodle, mama, oyster mushroom sauce, chilli flake, lemon juice, lime juice,
beef broth, chicken broth, vegetable broth, vegetable stock, fish stock, raisin bread, garlic bread, banana bread, mushroom soup, tomato soup, peanut oil, chilli sauce, chili oil, truffle oil, mint sauce, pasta sauce, cranberry sauce, dried parsley, dried thyme, dried oregano, herbes de provence,
ข้าว, ข้าวสาร, ข้าวเหนียว, ข้าวหอมมะลิ, น้ำปลา, ซีอิ๊ว, ซอส, น้ำตาล, เกลือ, น้ำมัน, น้ำมันพืช, น้ำส้มสายชู, แป้ง, บะหมี่, มาม่า, เส้น, ขนมปัง, กาแฟ, ชา, พริกไทย, กะทิ, น้ำพริก, ซอสหอยนางรม, ถั่ว, เส้นก๋วยเตี๋ยว, วุ้นเส้น, กะปิ, น้ำผึ้ง
"""
_HOUSEHOLD = """
air freshener, aluminium foil, aluminum foil, ant spray, baby wipe, baking paper, bag, bandage, band aid, bar soap, bath soap, battery, bin bag, bin liner, bleach, body lotion, body wash, body scrub, broom, bucket, bulb, candle, cat food,
cat litter, cling film, cling wrap, cleaner, cleaning supply, cleaning spray, cloth, clorox, clorox wipe, coffee filter, condom, conditioner, contact solution, cotton bud, cotton pad, cotton wool, cup, deodorant, descaler, detergent, diaper, dish soap, dish detergent, dishcloth, dishwasher salt, dishwasher tab,
dishwasher tablet, dishwashing liquid, washing up liquid, disinfectant, dog food, dog treat, dryer sheet, dustpan, envelope, extension cord, fabric softener, face cream, face mask, face wash, facial tissue, floss, dental floss, foil, fork, freezer bag, furniture polish, garbage bag, glass cleaner,
glove, glue, hairspray, hair dye, hair gel, hand sanitizer, hand soap, handwash, hand wash, incense, insect spray, iron, kitchen paper, kitchen roll, kitchen towel, kleenex, knife, laundry detergent, laundry powder, laundry soap, laundry pod, lighter, light bulb, lightbulb, lip balm, litter, lotion, makeup, make up remover, mop,
match, mosquito coil, mosquito repellent, mosquito spray, mouthwash, nail polish, napkin, notebook, oven cleaner, pad, painkiller, paper, paper cup, paper plate, paper towel, parchment paper, paracetamol, ibuprofen, aspirin, pen, pencil, perfume, pet food, plant pot, plastic bag, plate, plaster, plunger, powder detergent, printer ink, printer paper,
q tip, razor, razor blade, repellent, rinse aid, rubber glove, sandwich bag, sanitary pad, sanitizer, scissor, scourer, shampoo, sharpie, shaving cream, shaving foam, shower gel, silverware, soap, softener, spatula, sponge, spoon, stain remover, stamp, stapler, straw, sugar soap, sunblock, sunscreen, tampon, tape, tide pod, tin foil,
tissue, tissue paper, toilet brush, toilet cleaner, toilet paper, toilet roll, toothbrush, toothpaste, toothpick, towel, trash bag, vacuum bag, vitamin, washing liquid, washing powder, washing detergent, water filter, wax paper, wet wipe, window cleaner, wipe, wrapping paper, ziploc, ziploc bag, ziplock bag, medicine, cough syrup, pantyliner, moisturizer,
soil, plant food, fertilizer, gift wrap, charger, cable, aa battery, aaa battery, crayon, marker, bathroom cleaner, floor cleaner, drain cleaner, limescale remover, dental cream, bug spray, baby food, baby formula, formula, nappy, nail clipper, bird seed, cat treat, kitty litter,
กระดาษทิชชู่, ทิชชู่, ทิชชู, กระดาษชำระ, สบู่, แชมพู, ยาสีฟัน, แปรงสีฟัน, ผงซักฟอก, น้ำยาล้างจาน, น้ำยาซักผ้า, น้ำยาปรับผ้านุ่ม, ถุงขยะ, ฟองน้ำ, ถ่าน, หลอดไฟ, ยากันยุง, น้ำยาถูพื้น, ผ้าอ้อม, อาหารแมว, อาหารหมา, ทรายแมว, ครีมกันแดด, ผ้าอนามัย
"""
_OTHER = """
amaretto, ale, apple cider, apple juice, beer, biscuit, brandy, brownie, cake, candy, champagne, chip, chocolate, chocolate bar, cider, club soda, coca cola, coconut water, coke, cola, cookie, corn chip, crisp, cupcake, diet coke, donut, doughnut, drink, energy drink,
fanta, fruit juice, gin, ginger ale, gum, gummy, gummy bear, ice, ice cream, ice cube, iced tea, jello, juice, orange juice, kombucha, lemonade, licorice, liquor, lollipop, marshmallow, meat pie, apple pie, mineral water, mountain dew, muesli bar, granola bar, protein bar, energy bar, nacho,
oreo, pepsi, pie, pizza, frozen pizza, popcorn, popsicle, potato chip, pretzel, red wine, red bull, rum, snack, soda, soda water, soft drink, soju, sorbet, sparkling water, sprite, tequila, tonic, tonic water, tortilla chip, treat, vodka, waffle, water, bottled water, drinking water, whiskey, whisky,
white wine, wine, singha, chang beer, leo, frozen food, ready meal, chewing gum, doritos, pringles, smoothie, cooking wine, spring roll, fries, french fries, hash brown, dumpling, sandwich, pocky, sugar free gum, prosecco, vermouth, liqueur, bourbon, sake, cocoa drink, milkshake, milo, ovaltine, trail mix, jerky, beef jerky, rice cracker,
น้ำ, น้ำเปล่า, น้ำดื่ม, เบียร์, โค้ก, ไวน์, เหล้า, ขนม, ไอศกรีม, ช็อกโกแลต, น้ำอัดลม, น้ำส้ม, น้ำแข็ง, น้ำผลไม้, คุกกี้, เค้ก, โซดา, มันฝรั่งทอด, เลย์
"""


# Later categories take precedence for words that are in several.
_LEXICON = {
    "other": _OTHER,
    "household": _HOUSEHOLD,
    "staple": _STAPLE,
    "protein": _PROTEIN,
    "dairy": _DAIRY,
    "produce": _PRODUCE,
}
_CATEGORY_BY_NAME = {normalize(name): category for category, names in _LEXICON.items() for name in names.split(",")}
_THAI = re.compile(r"[\u0e00-\u0e7f]")
# Longest first, so that น้ำปลา matches before น้ำ.
_THAI_WORDS = sorted((word for word in _CATEGORY_BY_NAME if _THAI.match(word)), key=len, reverse=True)
_PRESERVED = {"canned", "tinned", "pickled", "powdered", "dehydrated"}
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")


@lru_cache(maxsize=4096)
def find_category(name: str) -> str | None:
    """Return the category of the product of that name, of the longest known phrase at its end, or of any known word; else
    None."""
    key = normalize(name)
    if key in _CATEGORY_BY_NAME:
        return _CATEGORY_BY_NAME[key]
    if (product := find_product(key)) is not None:
        return product.aisle
    words = _words(key)
    if phrase := _known_phrase(key, words):
        category = _CATEGORY_BY_NAME[phrase]
        return "staple" if category in ("produce", "protein") and words[0] in _PRESERVED else category
    if _THAI.search(key):
        return None
    return next((_CATEGORY_BY_NAME[word] for word in reversed(words) if word in _CATEGORY_BY_NAME), None)


def is_known_item(name: str) -> bool:
    """Return whether `name` ends (in Thai: begins) with an item of the lexicon."""
    key = normalize(name)
    return _known_phrase(key, _words(key)) is not None


def _words(key: str) -> list[str]:
    return [singular(word) for word in _WORD.findall(key)[:12]]


def _known_phrase(key: str, words: list[str]) -> str | None:
    """Return the longest item of the lexicon at the end (in Thai: at the beginning) of a name."""
    if _THAI.search(key):
        return next((word for word in _THAI_WORDS if key.startswith(word)), None)
    endings = (" ".join(words[start:]) for start in range(len(words)))
    return next((ending for ending in endings if ending in _CATEGORY_BY_NAME), None)


def known_item_names() -> frozenset[str]:
    """Return all normalized names of the lexicon."""
    return frozenset(_CATEGORY_BY_NAME)


def guess_category(name: str) -> str:
    """Return one of CATEGORIES, "other" for an unknown name."""
    return find_category(name) or "other"
