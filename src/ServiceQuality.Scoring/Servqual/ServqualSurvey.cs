using ServiceQuality.Contracts.Facts;

namespace ServiceQuality.Scoring.Servqual;

/// <summary>One customer's answers.</summary>
/// <param name="Respondent">Who, as an opaque code; null when unknown.</param>
/// <param name="Pairs">Answers by <c>dimension</c> or <c>dimension.item</c>.</param>
public sealed record ServqualResponse(string? Respondent, IReadOnlyDictionary<string, ServqualPair> Pairs);

/// <summary>Something about an answer sheet that an evaluator should look at before results are released (MON-26).</summary>
/// <param name="Response">Place of the sheet, from 0.</param>
/// <param name="Kind">What was noticed.</param>
public sealed record AnswerNote(int Response, AnswerNoteKind Kind);

/// <summary>Kinds of <see cref="AnswerNote"/>.</summary>
public enum AnswerNoteKind
{
    /// <summary>The respondent has answered before: one answer per invitation, this sheet does not count.</summary>
    Repeated,

    /// <summary>At least five answers, and all the same number, both what was expected and what was perceived. It counts.</summary>
    StraightLine,

    /// <summary>Not every item of the survey is answered. It counts, but not for α.</summary>
    Incomplete,
}

/// <summary>α of a dimension's items, of all three ways to look at them.</summary>
/// <param name="Dimension">The dimension.</param>
/// <param name="Perception">Of perceptions.</param>
/// <param name="Expectation">Of expectations.</param>
/// <param name="Gap">Of differences.</param>
public sealed record DimensionReliability(ServqualDimension Dimension, Reliability Perception, Reliability Expectation, Reliability Gap);

/// <summary>A SERVQUAL survey evaluated: gaps, reliability of the questionnaire, integrity of the answers (SCO-09, SCO-11, MON-22, MON-26).</summary>
/// <param name="Responses">Sheets that count.</param>
/// <param name="Gaps">Gaps of the sheets that count.</param>
/// <param name="Index">Weighted mean perception on the scale of the answers (SCO-09); null without answers.</param>
/// <param name="Reliabilities">α per dimension.</param>
/// <param name="Notes">What was noticed, in the order of the sheets.</param>
/// <param name="WithoutNoted">The weighted total without straight-lined sheets; null when nothing is left.</param>
public sealed record ServqualSurvey(
    int Responses, ServqualGaps Gaps, double? Index, IReadOnlyList<DimensionReliability> Reliabilities, IReadOnlyList<AnswerNote> Notes, double? WithoutNoted)
{
    private const int ShortLine = 5;

    /// <summary>Evaluates a survey.</summary>
    /// <param name="responses">Answer sheets.</param>
    /// <param name="low">Lower end of the scale.</param>
    /// <param name="high">Upper end of the scale.</param>
    /// <exception cref="ArgumentException">A key names none of the five dimensions, or an answer is not on the scale.</exception>
    public static ServqualSurvey Of(IReadOnlyList<ServqualResponse> responses, double low = 1, double high = 7)
    {
        foreach (var (key, pair) in responses.SelectMany(response => response.Pairs))
        {
            if (!On(pair.Expectation) || !On(pair.Perception))
                throw new ArgumentException($"'{key}' with {pair} is not on the scale from {low} to {high}.", nameof(responses));
        }
        var notes = Note(responses);
        var repeated = Noted(AnswerNoteKind.Repeated);
        var lines = Noted(AnswerNoteKind.StraightLine);
        var counted = responses.Where((_, i) => !repeated.Contains(i)).ToList();
        var gaps = Sum(counted);
        var perceived = gaps.Dimensions.Where(dimension => dimension.Perception is not null).ToDictionary(dimension => dimension.Dimension.Code, dimension => dimension.Perception!.Value);
        return new(
            counted.Count, gaps, ServqualDimension.IndexOf(perceived).Index, [.. ServqualDimension.All.Select(dimension => Reliabilities(dimension))], notes,
            Sum([.. responses.Where((_, i) => !repeated.Contains(i) && !lines.Contains(i))]).Total);

        bool On(double answer) => answer >= low && answer <= high;

        HashSet<int> Noted(AnswerNoteKind kind) => [.. notes.Where(note => note.Kind == kind).Select(note => note.Response)];

        DimensionReliability Reliabilities(ServqualDimension dimension)
        {
            var items = gaps.Items.Where(item => item.Dimension == dimension).Select(item => item.Key).ToList();
            var complete = counted.Where(response => items.Count > 0 && items.All(response.Pairs.ContainsKey)).ToList();
            return new(dimension, Alpha(pair => pair.Perception), Alpha(pair => pair.Expectation), Alpha(pair => pair.Perception - pair.Expectation));

            Reliability Alpha(Func<ServqualPair, double> part) => Cronbach.Alpha([.. complete.Select(response => items.ConvertAll(item => part(response.Pairs[item])))]) with { Items = items.Count };
        }
    }

    private static ServqualGaps Sum(IReadOnlyList<ServqualResponse> responses)
    {
        var sums = new Dictionary<string, ServqualSum>();
        foreach (var (key, pair) in responses.SelectMany(response => response.Pairs))
            sums[key] = sums.GetValueOrDefault(key).With(pair);
        return ServqualGaps.Of(sums);
    }

    private static List<AnswerNote> Note(IReadOnlyList<ServqualResponse> responses)
    {
        var notes = new List<AnswerNote>();
        var items = responses.SelectMany(response => response.Pairs.Keys).Distinct().Count();
        var seen = new HashSet<string>();
        for (var i = 0; i < responses.Count; i++)
        {
            var pairs = responses[i].Pairs;
            if (responses[i].Respondent is { } respondent && !seen.Add(respondent))
                notes.Add(new(i, AnswerNoteKind.Repeated));
            if (pairs.Count >= ShortLine && pairs.Values.SelectMany(pair => new[] { pair.Expectation, pair.Perception }).Distinct().Count() == 1)
                notes.Add(new(i, AnswerNoteKind.StraightLine));
            if (pairs.Count < items)
                notes.Add(new(i, AnswerNoteKind.Incomplete));
        }
        return notes;
    }
}
