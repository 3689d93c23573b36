namespace ServiceQuality.Console.Schemes;

/// <summary>One of the three tests of a model.</summary>
/// <param name="Code">scientific, complete or operable.</param>
/// <param name="State">passed, attention or refused.</param>
/// <param name="Errors">What is refused.</param>
/// <param name="Waiting">Indicators that have no data at present.</param>
public sealed record ModelLight(string Code, string State, IReadOnlyList<FieldError> Errors, IReadOnlyList<IndicatorName> Waiting);

/// <summary>
/// The check of a model before it is published (SCO-03): scientific, its formulas, directions, weights and standards are sound; complete, it has the families that a model must have; operable, it
/// says where its data come from, how often and who answers for them, and there is data.
/// </summary>
public sealed record ModelCheck(IReadOnlyList<ModelLight> Lights)
{
    private static readonly string[] Operable = ["measure", "source", "frequency", "owner"];

    /// <summary>Sorts what is wrong, and what is not measured, into the three tests.</summary>
    public static ModelCheck Of(SchemeDocument document, IReadOnlyList<FieldError> errors, Trial? trial)
    {
        var sorted = errors.ToLookup(error => Test(document, error));
        return new([Light("scientific", []), Light("complete", []), Light("operable", [.. trial?.NotMeasured ?? [], .. trial?.Silent ?? []])]);

        ModelLight Light(string code, IReadOnlyList<IndicatorName> waiting) =>
            new(code, sorted[code].Any() ? "refused" : waiting.Count > 0 || (trial is null && code == "operable") ? "attention" : "passed", [.. sorted[code]], waiting);
    }

    private static string Test(SchemeDocument document, FieldError error)
    {
        if (error.Code is "family-missing" || (error.Code is "not-a-list" && error.Place.EndsWith("/children", StringComparison.Ordinal)))
            return "complete";
        var part = document.Parts.Where(one => error.Place.StartsWith(one.Place + "/", StringComparison.Ordinal)).MaxBy(one => one.Place.Length);
        return part is { IsFamily: false } && Operable.Contains(error.Place[(part.Place.Length + 1)..].Split('/')[0]) ? "operable" : "scientific";
    }
}
