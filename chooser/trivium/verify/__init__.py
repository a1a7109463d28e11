"""`trivium verify`: starts a service, asks it what production asks, and prints a scorecard.

Data flows one way: service file → plan of checks → each check's verdict → scorecard. Nothing here knows a language.
"""
