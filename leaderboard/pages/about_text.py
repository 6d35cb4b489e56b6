"""The words of the About page: (anchor, title, HTML) a section; `%(n)s` where a board differs."""

from __future__ import annotations

LEAD = (
    "The board says, for any open language model and any of hundreds of languages, how well the "
    "model understands that language, without a labelled test in it."
)

METHOD = """
<p>The method is MEXA (<a href="https://arxiv.org/abs/2410.05873">arXiv 2410.05873</a>, Findings of
ACL 2025). English is the language that these models know best, and they tend to work through it:
where a sentence in another language ends up near its English translation inside the model, the
model can use what it knows in that language too.</p>
<p>So the model reads the same %(n)s segments in English and in the language. Each segment becomes
one vector a layer. Where a segment and its translation are each other's nearest neighbour among all
segments, by cosine, the segment counts. The score at a layer is the share that counts: 0 is none,
1 is every segment. Nothing is generated, and no prompt or chat template is used.</p>
"""

FORMULA = """
<p>With <var>e<sub>i</sub></var>(<var>P</var>) the vector of segment <var>i</var> in English and
<var>e<sub>j</sub></var>(<var>L</var>) that of segment <var>j</var> in the language, at one
layer:</p>
<pre tabindex="0"><code>C[i, j] = cos(e_i(P), e_j(L))
score   = share of i for which, for every other j,
          C[i, i] &gt; C[i, j]  and  C[i, i] &gt; C[j, i]</code></pre>
<p>A hit needs a margin of 10<sup>−9</sup> in float64, so equal vectors never count. Layers are the
embedding output and the output of every block. <em>Mean</em> pools them by their mean, <em>max</em>
takes the best.</p>
<p>A model's average is over one text a language, variants and English left out. A model that lacks
one of the chosen languages has no average and no rank: the table says how many it lacks.</p>
"""

EMBEDDINGS = """
<p><strong>Position-weighted mean</strong> (the default): later tokens count more, since they have
read more of the segment in a decoder.</p>
<p><strong>Last token</strong>: it suits models that sum a text up there; others score lower than by
the mean.</p>
<p>Numbers of two methods are never mixed. “What can be measured” below has all of them with their
formulas.</p>
"""

READING = """
<p>Compare models on one language, or one average, within one corpus and one method. Look at the
interval first: two models whose intervals overlap widely may well stand in either order. Then at
chance: a score in grey italics says only that the language is not covered.</p>
<p>An example, Gemma 3 270M on 50 segments of the Universal Declaration of Human Rights:</p>
<ul>
<li><strong>French</strong>: mean 0.368 (chance 0.022), max 0.740 (chance 0.060). At its best layer
the model matches 74&nbsp;% of the French segments with their English ones, and 37&nbsp;% on average
over its layers, both far above chance: it follows French.</li>
<li><strong>Swahili</strong>: mean 0.005 (chance 0.003), max 0.020 (chance 0.020). Its best layer
matches one segment in 50, as many as shuffled translations do, and the mean is hardly above chance:
it does not follow Swahili.</li>
</ul>
<p>The peak (max) says whether the model understands the language somewhere; the mean over layers
says for how much of the model. Means lie far below peaks because early and late layers align
little: the early ones still hold the words of one language, the late ones prepare its next token.
So read a mean against other means, not against 1.</p>
<p>Rank by the mean, as the board does unless you choose otherwise. By the max, models whose curves
over layers have different shapes are told apart too often (<code>benchmarks/ranks.txt</code> in the
code has the rates).</p>
<p><strong>Tokens to English</strong> is what the language costs: how many tokens a text needs for
each token of the same text in English. At 3, a reply takes three times as long, costs three times
as much, and a third of the text fits into the window.</p>
<p>Does a score foretell how well a model does its tasks? The MEXA paper reports a Pearson
correlation of 0.90 on average with accuracy on multilingual tasks. What this board found, good or
bad, is on <a href="?page=trust">Trust</a>.</p>
"""

CHANCE = """
<p>Segments differ in length and in names that all languages share, so even a model that knows
nothing of a language scores above zero. For each score the translations are shuffled 200 times, and
what the best twentieth of the shufflings reach is called chance. At or below it the language counts
as not covered: it ranks last, tied with its like.</p>
"""

INTERVALS = """
<p>Each number has a 95&nbsp;% interval: how far it may lie from what other segments of the same
kind would give. It comes from the segments, smoothed where a plain bootstrap would claim a width of
zero; for the best layer it allows for that layer having been chosen by the same segments.
For a model's average the segments are drawn once for all languages together, since a hard segment
is hard in many.</p>
"""

RANK = """
<p>A rank is a range, such as 2–5: from 1 + the number of models that are significantly better to
the number ranked − the number that are significantly worse. Two models are compared segment by
segment. Models of one rank range cannot be told apart by these segments.</p>
<p>Ranks are within one kind of weights and one compute dtype, since a quantised file is another
model; “across all” compares them anyway. A filter changes who is ranked, and ranks follow it.</p>
"""

TASKS = """
<p><a href="?page=tasks">Tasks</a> holds accuracies on questions with four answers, asked through
lm-evaluation-harness, so that guessing gives 0.25. An average is over the languages that a task was
measured in; a model that lacks one of them has none.</p>
<p><strong>UDHR cloze</strong> needs no other data than the corpus: how does a paragraph of the
Universal Declaration of Human Rights go on, one of four? It asks of the even articles, and
alignment is compared with it on the odd ones alone. But the document is the same and very likely in
training data: it is no evidence for question answering.</p>
"""

ESTIMATES = """
<p>Where a task was not asked, it is estimated from English: a language that aligns has the English
accuracy <var>e</var>, one that does not has none.</p>
<pre tabindex="0"><code>plain     = alignment * e
corrected = 0.25 + (e - 0.25) * alignment</code></pre>
<p>Plain is the paper's: mean-pooled alignment for ARC, max-pooled for Belebele, and the published
board's average of the two. It goes below what guessing gives; the corrected one ends there.
Estimates bear ≈, each kind has its own column, and none is ranked with measurements.</p>
<p>An estimate's interval says where a measurement is expected, 95 times in 100, of a language like
those that were measured; of 20 measured languages, 90. It comes from measured less estimated in
other languages of the model (split-conformal quantiles), or of other models, where it has fewer
than 20 measured languages. For an average those errors are resampled, twice, as if languages erred
independently; from other models it takes five of them. ±? marks an estimate for which there are too
few of either: how far it may be off is not known. Accuracies of several languages are of the same
questions, so an average's interval is as wide as the languages' own.</p>
<p><a href="?page=trust">Trust</a> sets alignment against every measured task: Pearson and Spearman
over languages with bootstrap intervals, for each model and for all together; how far estimates are
off, beside the same guess for all languages; how many intervals held the measurement, each made
without its language (about 95 in 100 by construction) and without its whole family (which can
fail); and the languages that lie far off. Its verdict goes by the lower end of Pearson's interval:
above 0.7 alignment predicts the task, above 0.4 in part, above 0 weakly, else there is no sign of
it.</p>
<p><strong>Forecasts</strong> stand on the pages of models and languages for what was not measured:
hatched, in no rank and no average. A low-rank model of the view (probabilistic PCA; after EmbedLLM,
arXiv 2410.02223) makes them from what its models and languages have in common. There are none below
20 models, or where held-out scores show no clear gain over the means; their error stands beside
them.</p>
"""

MEASURES = """
<p>Every submission measures alignment by the two usual embedding methods. The rest is measured
where somebody asked for it: on <a href="?page=submit">Submit</a> under “Measure also”, or with
<code>python -m evaluators run MODEL --embedding all --score all --statistic all --noise all</code>.
Scores, statistics and noise are measured with the first embedding method. Compare methods by how
well they agree with measured tasks on <a href="?page=trust">Trust</a>.</p>
%(measures)s
"""

LIMITS = """
<ul>
<li>Alignment is not accuracy. It says that the model sees the same meaning in both languages, not
that it answers well, writes well, or is safe in either. Nor is an estimate a measurement.</li>
<li>A language's own culture, dialects and registers are not in a translated text.</li>
<li>The score falls as the number of segments grows, so corpora are never averaged or ranked
together. Every table says its <var>n</var>.</li>
<li>The text may be in the model's training data; that is likely for the Universal Declaration of
Human Rights, in every language alike.</li>
<li>A model that is weak in English scores low everywhere, whatever it knows of other
languages.</li>
<li>Half precision changes which of two near ties wins. The board says what a result was computed
in.</li>
</ul>
"""

DATA = """
<p>Segments come in as they are, in every language the same ones in the same order. What was left
out of a corpus, and why, stands in its card in the results repository.</p>
%(corpora)s
<p>What is said of languages comes from ISO 639-3, Unicode CLDR, Glottolog and LinguaMeta (CC BY 4.0
and CC BY-SA 4.0); <code>results/data/LANGUAGES.md</code> in the code says what from where. The
outline of the map is Natural Earth's (public domain).</p>
"""

API = """
<p>Everything on these pages is a GET away, tables as JSON, CSV or Parquet; answers carry an ETag.
<code>/api/v1</code> lists every endpoint with its parameters.</p>
<pre tabindex="0"><code>curl -s 'https://BOARD/api/v1/models?languages=swh_Latn,hau_Latn&amp;max_parameters=3000000000'
curl -s 'https://BOARD/api/v1/scores?language=swh_Latn&amp;format=csv'
curl -s 'https://BOARD/api/v1/languages' | jq '.languages[] | [.name, .best.name]'</code></pre>
<p>Endpoints: <code>board</code>, <code>models</code>, <code>languages</code>, <code>scores</code>,
<code>compare</code>, <code>tasks</code>, <code>trust</code>, <code>agreement</code>,
<code>layers</code>, <code>noise</code>, <code>forecast</code>, <code>segments</code>,
<code>requests</code>. The same from Python:</p>
<pre tabindex="0"><code>from gradio_client import Client

board = Client("https://BOARD")
board.predict(language="swh_Latn", api_name="/scores")</code></pre>
<p>A model's key is <code>ID@REVISION:WEIGHTS:DTYPE</code>, with the first eight characters of the
revision; an id alone means its newest result.</p>
"""

SUBMITTING = """
<p>On <a href="?page=submit">Submit</a>, type the id of a model of the Hugging Face Hub with
safetensors or GGUF weights, choose languages, and press Check: it says what will run and how long
that may take. <a href="?page=queue">Queue</a> shows how far it is, and why one failed. A program
sends the same with a Hub token:</p>
<pre tabindex="0"><code>curl -s https://BOARD/api/v1/requests \\\\
  -H "Authorization: Bearer $HF_TOKEN" \\\\
  -d '{"model": "org/name", "languages": ["swh_Latn"]}'</code></pre>
"""

CITING = """
<p>Please cite the method:</p>
<pre tabindex="0"><code>@inproceedings{kargaran-etal-2025-mexa,
  title     = {MEXA: Multilingual Evaluation of English-Centric LLMs via Cross-Lingual Alignment},
  author    = {Kargaran, Amir Hossein and Modarressi, Ali and Nikeghbal, Nafiseh and
               Diesner, Jana and Yvon, François and Schütze, Hinrich},
  booktitle = {Findings of the Association for Computational Linguistics: ACL 2025},
  year      = {2025},
  note      = {arXiv:2410.05873}
}</code></pre>
<p>and this board with its address, the corpus, its <var>n</var> and the date.</p>
"""

SECTIONS = [
    ("reading", "How to read a score", READING),
    ("method", "Method", METHOD),
    ("formula", "Formula", FORMULA),
    ("embedding", "Embedding methods", EMBEDDINGS),
    ("chance", "Chance", CHANCE),
    ("intervals", "Intervals", INTERVALS),
    ("rank", "Rank range", RANK),
    ("tasks", "Tasks", TASKS),
    ("estimates", "Estimates and trust", ESTIMATES),
    ("measures", "What can be measured", MEASURES),
    ("limits", "Limits", LIMITS),
    ("data", "Data and licences", DATA),
    ("api", "API", API),
    ("submitting", "How to submit", SUBMITTING),
    ("citing", "Citing", CITING),
]
