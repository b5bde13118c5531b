"""The Belgian chart of accounts (MAR, minimumindeling) with six digits, as a fresh Octopus dossier has it.

Fixed assets carry their booked surplus on …8 and their depreciation on …9 (octopus.md 5).
"""

from octopus_sandbox.books.master_data import Account, Names

_CHART = """
010000 Derden, houders van zekerheden|Tiers, titulaires de garanties
011000 Gestelde zekerheden|Garanties constituées
050000 Verplichtingen tot aankoop|Engagements d'acquisition
051000 Crediteuren wegens verplichtingen|Créanciers d'engagements
100000 Geplaatst kapitaal|Capital souscrit
101000 Niet opgevraagd kapitaal|Capital non appelé
110000 Beschikbare inbreng buiten kapitaal|Apport disponible hors capital
111000 Onbeschikbare inbreng buiten kapitaal|Apport indisponible hors capital
120000 Herwaarderingsmeerwaarden|Plus-values de réévaluation
130000 Wettelijke reserve|Réserve légale
131000 Onbeschikbare reserves|Réserves indisponibles
132000 Belastingvrije reserves|Réserves immunisées
133000 Beschikbare reserves|Réserves disponibles
140000 Overgedragen resultaat|Résultat reporté
141000 Overgedragen verlies|Perte reportée
150000 Kapitaalsubsidies|Subsides en capital
160000 Voorziening voor pensioenen|Provisions pour pensions
162000 Voorziening voor groot onderhoud|Provisions pour grosses réparations
163000 Voorziening voor overige risico's|Provisions pour autres risques
168000 Uitgestelde belastingen|Impôts différés
170000 Achtergestelde leningen|Emprunts subordonnés
172000 Leasingschulden|Dettes de location-financement
173000 Kredietinstellingen op meer dan één jaar|Établissements de crédit à plus d'un an
174000 Overige leningen|Autres emprunts
178000 Borgtochten ontvangen in contanten|Cautionnements reçus en numéraire
200000 Oprichtingskosten|Frais d'établissement
200009 Oprichtingskosten, geboekte afschrijvingen|Frais d'établissement, amortissements actés
210000 Kosten van onderzoek en ontwikkeling|Frais de recherche et de développement
210009 Onderzoek en ontwikkeling, geboekte afschrijvingen|Recherche et développement, amortissements actés
211000 Concessies, octrooien en licenties|Concessions, brevets et licences
211009 Licenties, geboekte afschrijvingen|Licences, amortissements actés
212000 Goodwill|Goodwill
212009 Goodwill, geboekte afschrijvingen|Goodwill, amortissements actés
220000 Terreinen|Terrains
220008 Terreinen, geboekte meerwaarden|Terrains, plus-values actées
221000 Gebouwen|Constructions
221008 Gebouwen, geboekte meerwaarden|Constructions, plus-values actées
221009 Gebouwen, geboekte afschrijvingen|Constructions, amortissements actés
223000 Overige zakelijke rechten op onroerende goederen|Autres droits réels sur des immeubles
223008 Zakelijke rechten, geboekte meerwaarden|Droits réels, plus-values actées
223009 Zakelijke rechten, geboekte afschrijvingen|Droits réels, amortissements actés
230000 Installaties, machines en uitrusting|Installations, machines et outillage
230008 Installaties, geboekte meerwaarden|Installations, plus-values actées
230009 Installaties, geboekte afschrijvingen|Installations, amortissements actés
240000 Meubilair en kantoormaterieel|Mobilier et matériel de bureau
240008 Meubilair, geboekte meerwaarden|Mobilier, plus-values actées
240009 Meubilair, geboekte afschrijvingen|Mobilier, amortissements actés
241000 Rollend materieel|Matériel roulant
241008 Rollend materieel, geboekte meerwaarden|Matériel roulant, plus-values actées
241009 Rollend materieel, geboekte afschrijvingen|Matériel roulant, amortissements actés
250000 Vaste activa in leasing|Immobilisations en location-financement
260000 Overige materiële vaste activa|Autres immobilisations corporelles
270000 Activa in aanbouw en vooruitbetalingen|Immobilisations en cours et acomptes versés
280000 Deelnemingen in verbonden ondernemingen|Participations dans des entreprises liées
280009 Deelnemingen, geboekte waardeverminderingen|Participations, réductions de valeur actées
281000 Vorderingen op verbonden ondernemingen|Créances sur des entreprises liées
284000 Andere aandelen|Autres actions et parts
284009 Andere aandelen, geboekte waardeverminderingen|Autres actions et parts, réductions de valeur actées
288000 Borgtochten betaald in contanten|Cautionnements versés en numéraire
290000 Handelsvorderingen op meer dan één jaar|Créances commerciales à plus d'un an
291000 Overige vorderingen op meer dan één jaar|Autres créances à plus d'un an
300000 Grondstoffen|Matières premières
310000 Hulpstoffen|Fournitures
320000 Goederen in bewerking|En-cours de fabrication
330000 Gereed product|Produits finis
340000 Handelsgoederen|Marchandises
360000 Vooruitbetalingen op voorraadinkopen|Acomptes versés sur achats pour stocks
370000 Bestellingen in uitvoering|Commandes en cours d'exécution
400000 Handelsdebiteuren|Clients
401000 Te innen wissels|Effets à recevoir
404000 Te innen opbrengsten|Produits à recevoir
406000 Vooruitbetalingen|Acomptes versés
407000 Dubieuze debiteuren|Créances douteuses
409000 Geboekte waardeverminderingen op debiteuren|Réductions de valeur actées sur clients
411000 Terug te vorderen btw|TVA à récupérer
411800 Terug te vorderen btw, herziening|TVA à récupérer, révision
412000 Terug te vorderen belastingen|Impôts à récupérer
416000 Diverse vorderingen|Créances diverses
417000 Dubieuze diverse vorderingen|Créances diverses douteuses
418000 Borgtochten betaald in contanten op korte termijn|Cautionnements versés à court terme
420000 Schulden op meer dan één jaar die binnen het jaar vervallen|Dettes à plus d'un an échéant dans l'année
430000 Kredietinstellingen, leningen op vaste termijn|Établissements de crédit, emprunts à terme fixe
433000 Kredietinstellingen, schulden in rekening-courant|Établissements de crédit, dettes en compte courant
440000 Leveranciers|Fournisseurs
441000 Te betalen wissels|Effets à payer
444000 Te ontvangen facturen|Factures à recevoir
450000 Geraamd bedrag der belastingschulden|Dettes fiscales estimées
451000 Te betalen btw|TVA à payer
451200 Btw, rekening-courant|TVA, compte courant
451500 Te betalen btw, medecontractant|TVA à payer, cocontractant
451800 Te betalen btw, herziening|TVA à payer, révision
452000 Te betalen belastingen en taksen|Impôts et taxes à payer
453000 Ingehouden voorheffingen|Précomptes retenus
454000 Rijksdienst voor Sociale Zekerheid|Office national de la sécurité sociale
455000 Bezoldigingen|Rémunérations
456000 Vakantiegeld|Pécules de vacances
459000 Andere sociale schulden|Autres dettes sociales
460000 Ontvangen vooruitbetalingen|Acomptes reçus
471000 Dividenden van het boekjaar|Dividendes de l'exercice
472000 Tantièmes van het boekjaar|Tantièmes de l'exercice
489000 Andere diverse schulden|Autres dettes diverses
489100 Rekening-courant zaakvoerder|Compte courant du gérant
490000 Over te dragen kosten|Charges à reporter
491000 Verkregen opbrengsten|Produits acquis
492000 Toe te rekenen kosten|Charges à imputer
493000 Over te dragen opbrengsten|Produits à reporter
499000 Wachtrekening|Compte d'attente
510000 Aandelen|Actions et parts
530000 Termijndeposito's|Dépôts à terme
550000 Bank, rekening-courant|Banque, compte courant
551000 Bank, spaarrekening|Banque, compte d'épargne
552000 Bank, rekening in vreemde munt|Banque, compte en devises
570000 Kas|Caisse
580000 Interne overboekingen|Virements internes
588888 Overboeking beginbalans|Transfert du bilan d'ouverture
600000 Aankopen van grondstoffen|Achats de matières premières
601000 Aankopen van hulpstoffen|Achats de fournitures
602000 Aankopen van diensten en werken|Achats de services et travaux
603000 Algemene onderaannemingen|Sous-traitances générales
604000 Aankopen van handelsgoederen|Achats de marchandises
604003 Aankopen van handelsgoederen, EU|Achats de marchandises, UE
608000 Ontvangen kortingen en ristorno's|Remises et ristournes obtenues
609000 Voorraadwijziging grondstoffen|Variation des stocks de matières premières
609400 Voorraadwijziging handelsgoederen|Variation des stocks de marchandises
610000 Huur gebouwen|Loyer bâtiments
610100 Huur materieel|Location de matériel
610200 Onderhoud gebouwen|Entretien des bâtiments
610300 Onderhoud machines|Entretien des machines
611000 Elektriciteit|Électricité
611100 Gas en verwarming|Gaz et chauffage
611200 Water|Eau
612000 Kantoorbenodigdheden|Fournitures de bureau
612100 Telefoon en internet|Téléphone et internet
612200 Postzegels en verzending|Timbres et envois
612300 Software en licenties|Logiciels et licences
612400 Kleine gereedschappen|Petit outillage
613000 Erelonen boekhouder|Honoraires comptable
613100 Erelonen advocaten|Honoraires avocats
613200 Erelonen ingenieurs|Honoraires ingénieurs
613300 Verzekering brand|Assurance incendie
613400 Verzekering burgerlijke aansprakelijkheid|Assurance responsabilité civile
613500 Sociaal secretariaat|Secrétariat social
614000 Reclame en publiciteit|Publicité
614100 Beurzen en tentoonstellingen|Foires et expositions
614200 Relatiegeschenken|Cadeaux d'affaires
614300 Restaurantkosten|Frais de restaurant
615000 Brandstof|Carburant
615100 Onderhoud voertuigen|Entretien des véhicules
615200 Verzekering voertuigen|Assurance des véhicules
615300 Leasing voertuigen|Location de véhicules
615400 Reis- en verblijfkosten|Frais de voyage et de séjour
616000 Transportkosten op verkopen|Frais de transport sur ventes
617000 Uitzendkrachten|Personnel intérimaire
618000 Bezoldiging bestuurders|Rémunération des administrateurs
618100 Opleiding personeel|Formation du personnel
620000 Bezoldigingen directie|Rémunérations de la direction
620200 Bezoldigingen bedienden|Rémunérations des employés
620300 Bezoldigingen arbeiders|Rémunérations des ouvriers
621000 Werkgeversbijdragen sociale verzekering|Cotisations patronales d'assurances sociales
622000 Werkgeverspremies voor extralegale verzekeringen|Primes patronales pour assurances extralégales
623000 Andere personeelskosten|Autres frais de personnel
623100 Maaltijdcheques|Chèques-repas
624000 Ouderdomspensioenen|Pensions de retraite
625000 Voorziening vakantiegeld|Provision pour pécule de vacances
630000 Afschrijvingen op oprichtingskosten|Amortissements sur frais d'établissement
630100 Afschrijvingen op immateriële vaste activa|Amortissements sur immobilisations incorporelles
630200 Afschrijvingen op materiële vaste activa|Amortissements sur immobilisations corporelles
631000 Waardeverminderingen op voorraden|Réductions de valeur sur stocks
634000 Waardeverminderingen op handelsvorderingen|Réductions de valeur sur créances commerciales
637000 Voorzieningen voor risico's en kosten|Provisions pour risques et charges
640000 Bedrijfsbelastingen|Taxes d'exploitation
640100 Verkeersbelasting|Taxe de circulation
640200 Onroerende voorheffing|Précompte immobilier
641000 Minderwaarden op realisatie van vaste activa|Moins-values sur réalisation d'immobilisations
642000 Minderwaarden op realisatie van handelsvorderingen|Moins-values sur réalisation de créances
643000 Diverse bedrijfskosten|Charges d'exploitation diverses
650000 Rente van schulden|Charges des dettes
651000 Waardeverminderingen op vlottende activa|Réductions de valeur sur actifs circulants
653000 Discontokosten|Charges d'escompte
654000 Wisselresultaten, verlies|Différences de change, perte
655000 Resultaten uit omrekening van vreemde valuta|Écarts de conversion des devises
656000 Bankkosten|Frais de banque
657000 Diverse financiële kosten|Charges financières diverses
657500 Betalingsverschillen|Différences de paiement
660000 Niet-recurrente afschrijvingen|Amortissements non récurrents
660200 Niet-recurrente afschrijvingen, materiële activa|Amortissements non récurrents, immobilisations corporelles
661000 Waardeverminderingen op financiële vaste activa|Réductions de valeur sur immobilisations financières
663000 Minderwaarden op realisatie van vaste activa, niet recurrent|Moins-values non récurrentes sur immobilisations
664000 Andere niet-recurrente kosten|Autres charges non récurrentes
670000 Belgische belastingen op het resultaat|Impôts belges sur le résultat
670200 Geraamde belastingen|Charges fiscales estimées
671000 Belgische belastingen op het resultaat van vorige boekjaren|Impôts belges sur le résultat d'exercices antérieurs
680000 Overboeking naar de uitgestelde belastingen|Transfert aux impôts différés
689000 Overboeking naar de belastingvrije reserves|Transfert aux réserves immunisées
690000 Overgedragen verlies van het vorige boekjaar|Perte reportée de l'exercice précédent
691000 Toevoeging aan de inbreng|Affectations à l'apport
692000 Toevoeging aan de wettelijke reserve|Dotation à la réserve légale
692100 Toevoeging aan de overige reserves|Dotation aux autres réserves
693000 Over te dragen winst|Bénéfice à reporter
694000 Vergoeding van de inbreng|Rémunération de l'apport
700000 Verkopen 21%|Ventes 21%
700100 Verkopen 6%|Ventes 6%
700200 Verkopen 0%|Ventes 0%
700300 Verkopen diensten 21%|Ventes de services 21%
701000 Intracommunautaire leveringen|Livraisons intracommunautaires
702000 Uitvoer|Exportations
703000 Verkopen met medecontractant|Ventes avec cocontractant
708000 Toegekende kortingen en ristorno's|Remises et ristournes accordées
712000 Wijziging in de voorraad goederen in bewerking|Variation des en-cours de fabrication
713000 Wijziging in de voorraad gereed product|Variation des stocks de produits finis
720000 Geproduceerde vaste activa|Production immobilisée
740000 Exploitatiesubsidies|Subsides d'exploitation
741000 Meerwaarden op realisatie van vaste activa|Plus-values sur réalisation d'immobilisations
742000 Meerwaarden op realisatie van handelsvorderingen|Plus-values sur réalisation de créances
743000 Diverse bedrijfsopbrengsten|Produits d'exploitation divers
744000 Voordelen van alle aard|Avantages de toute nature
750000 Opbrengsten uit financiële vaste activa|Produits des immobilisations financières
751000 Opbrengsten uit vlottende activa|Produits des actifs circulants
752000 Meerwaarden op realisatie van vlottende activa|Plus-values sur réalisation d'actifs circulants
754000 Wisselresultaten, winst|Différences de change, gain
755000 Resultaten uit omrekening van vreemde valuta, winst|Écarts de conversion des devises, gain
756000 Kortingen voor contante betaling|Escomptes obtenus
757000 Diverse financiële opbrengsten|Produits financiers divers
760000 Terugneming van afschrijvingen|Reprises d'amortissements
763000 Meerwaarden op realisatie van vaste activa, niet recurrent|Plus-values non récurrentes sur immobilisations
764000 Andere niet-recurrente opbrengsten|Autres produits non récurrents
771000 Regularisering van belastingen|Régularisation d'impôts
780000 Onttrekking aan de uitgestelde belastingen|Prélèvement sur les impôts différés
790000 Overgedragen winst van het vorige boekjaar|Bénéfice reporté de l'exercice précédent
791000 Onttrekking aan de inbreng|Prélèvement sur l'apport
792000 Onttrekking aan de reserves|Prélèvement sur les réserves
793000 Over te dragen verlies|Perte à reporter
794000 Tussenkomst van vennoten in het verlies|Intervention d'associés dans la perte
"""

_SALES_VAT_CODES = {700000: "21", 700100: "06", 700200: "00", 700300: "21", 701000: "EU"}


def chart_of_accounts(bookyear: int, modified: int, *, untidy: bool = False) -> list[Account]:
    """The accounts of one bookyear. `untidy`: some names are empty in a language, as dossiers have them."""
    return [_account(line, bookyear, modified, untidy=untidy) for line in _CHART.strip().splitlines()]


def _account(line: str, bookyear: int, modified: int, *, untidy: bool) -> Account:
    number, (nl, fr) = int(line[:6]), line[7:].split("|")
    group = number // 100000
    names = Names(nl, fr)
    if untidy and number % 1000 == 300:
        names = Names("", fr)
    if untidy and number % 1000 == 400:
        names = Names(nl, "")
    return Account(
        bookyear=bookyear,
        number=number,
        names=names,
        modified=modified,
        purchase_vat_code=_purchase_vat_code(number, group),
        sales_vat_code=_SALES_VAT_CODES.get(number),
        cost_centre_type=2 if group in (6, 7) and number < 690000 else 0,
        vat_recoverable=50 if 615000 <= number < 615400 else 100,
    )


def _purchase_vat_code(number: int, group: int) -> str | None:
    if group == 2 and number < 280000 and number % 10 == 0:
        return "I21"
    if number == 604003:
        return "DEU"
    if 600000 <= number < 610000:
        return "H21"
    return "D21" if 610000 <= number < 618000 else None
