"""`trivium reassess`: what a running service shows, held against the answers it was rendered with.

A report (`reports`: of a load test, or a scrape of the metrics) becomes figures, figures become answers by
chooser/measured.yml (`derive`), and those are weighed again (`command`).
"""
