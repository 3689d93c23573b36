using ServiceQuality.Console.Judgements;
using ServiceQuality.Console.Measures;

namespace ServiceQuality.Console.Schemes;

/// <summary>What is open in the editor beside the tree.</summary>
/// <param name="At">Code of the part that is open; null for none.</param>
/// <param name="New">A part to be added, as typed.</param>
/// <param name="To">Code of the family that the part should go to.</param>
/// <param name="Removal">What removing the part would cost; null unless it was asked for.</param>
/// <param name="Measure">The measure that is open.</param>
/// <param name="Judging">The family whose children are weighed.</param>
public sealed record EditorState(string? At, NewPart New, string To, Removal? Removal = null, MeasureForm? Measure = null, Judging? Judging = null)
{
    public static readonly EditorState Closed = new(null, NewPart.Nothing, "");
}

/// <summary>What removing a part would cost.</summary>
/// <param name="Code">The part.</param>
/// <param name="Indicators">Indicators that go with it.</param>
/// <param name="Share">Its share of the whole score in per cent, which goes to its siblings.</param>
/// <param name="Measures">Measures that nothing would use any more; they stay in the scheme.</param>
/// <param name="Trial">What the scheme without it does to the units; null when nobody answered or there are errors.</param>
/// <param name="Errors">Why the scheme without it would be refused.</param>
public sealed record Removal(string Code, IReadOnlyList<SchemePart> Indicators, double Share, IReadOnlyList<string> Measures, Trial? Trial, IReadOnlyList<SchemeError> Errors);
