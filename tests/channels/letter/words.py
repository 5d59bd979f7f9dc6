"""Two letters from invented people, as they are printed."""

ROMANIAN = """Către: Exemplu Asigurări, Departamentul Daune
Subiect: dosar CLM26-004711-58

Bună ziua,

Vă trimit alăturat adeverința de la asociația de proprietari și factura
instalatorului pentru avaria din 12 noiembrie 2026. Apa a curs din
apartamentul de deasupra și a distrus parchetul din sufragerie și tavanul
din baie. Paguba este de 2.450,00 lei, așa cum reiese din devizul atașat.

Țin să precizez că vecinul și-a recunoscut vina în scris.

Cu stimă,
Maria Popescu
Strada Fântânilor nr. 14, ap. 9, Cluj-Napoca"""

ENGLISH = """To: Exemplu Insurance, Claims Department
Re: CLM26-004711-58

Dear Madam or Sir,

Please find enclosed the statement of the owners' association and the
invoice of the plumber for the water damage of 12 November 2026. The
water came from the flat above and ruined the floor of the living room.
The total amount is 2,450.00 lei, as the enclosed estimate shows.

Yours faithfully,
Mary Popescu"""

RECEIPT = """      CASA MESTERULUI SRL
 Str. Fabricii nr. 12, Cluj-Napoca
       C.I.F. 11223344

PARCHET STEJAR
  4 x 189.90               759.60
CHIT ROSTURI
  2 x 24.50                 49.00
MANOPERA
  1 x 350.00               350.00

TOTAL LEI                 1158.60
CARD                      1158.60
DATA 14/11/2026    16:42
BON FISCAL 0417"""
