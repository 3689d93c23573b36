using ServiceQuality.Console.Figures;
using ServiceQuality.Console.Overview;
using ServiceQuality.Console.Shell;
using ServiceQuality.Console.Suite;

namespace ServiceQuality.Console.Units;

/// <summary>A line of the indicator table: a family, an indicator, or what adjustments or limiting did.</summary>
/// <param name="Contribution">As shown: the lines of a page add up to the shown score.</param>
/// <param name="Change">What it changed since yesterday; null when not known.</param>
public sealed record PartLine(PartKind Kind, int Depth, string Name, FamilyScore? Family, LeafScore? Leaf, Adjustment? Adjustment, double? Contribution, double? Change);

public enum PartKind
{
    Family,
    Leaf,
    Adjustment,
    Limit,
}

/// <summary>One part of the change since yesterday; <paramref name="Leaf"/> is null for adjustments and for the rest.</summary>
public sealed record ChangePart(string Name, string? Values, double Effect, bool IsRest);

/// <summary>A costly fact under its indicator.</summary>
public sealed record CostlyLine(LeafScore Leaf, CostlyFact Fact);

/// <summary>Everything a unit's page shows; what could not be read is an obstacle in its place.</summary>
public sealed record UnitView(
    string Code, string Period, DateTimeOffset? AsOf, Reading<UnitScore> Score, Scheme Scheme, Reading<ScoreChanges> Changes,
    Reading<ScoreHistory> Days, Reading<ScoreHistory> Hours, Reading<Board> Board, BoardRow? Row, int? Rank, int Ranked,
    IReadOnlyList<BoardRow> Above, IReadOnlyList<BoardRow> Peers, IReadOnlyList<BoardRow> Children,
    IReadOnlyList<PartLine> Lines, double? ShownTotal, IReadOnlyList<ChangePart> ChangeParts, IReadOnlyList<CostlyLine> Costly)
{
    public string Shown(double? score) => Figure.Score(score, Scheme.Limits);

    /// <summary>The change since yesterday, taken from the two figures that are shown; null when there is none to tell.</summary>
    public double? Change => Changes.Value is { From.Score: { } from, To.Score: { } to } ? Figure.Between(from, to, Scheme.Limits) : null;

    /// <summary>More than noise: the 95 % intervals of now and then do not touch.</summary>
    public bool ChangeIsSignificant => Changes.Value is { From.Interval: { Low: { } fromLow, High: { } fromHigh }, To.Interval: { Low: { } toLow, High: { } toHigh } } && (toLow > fromHigh || toHigh < fromLow);
}

/// <summary>Reads and arranges the page of one unit.</summary>
public sealed class UnitAssembly(SuiteReader suite, SchemeShelf schemes, Reader reader)
{
    private const int MostPeers = 24;
    private const int MostChildren = 60;
    private const int CostliestFacts = 5;
    private const int NamedParts = 4;

    public async Task<UnitView> OfAsync(string code, UnitQuery query, CancellationToken ct)
    {
        var period = Periods.Known(query.Period);
        var asOf = reader.Moment(query.AsOf) is { } moment && moment < reader.Now ? moment : (DateTimeOffset?)null;
        var now = asOf ?? reader.Now;

        var scoreReading = suite.ScoreAsync(code, period, asOf, ct);
        // A page of the past says what was known then.
        var changesReading = asOf is null ? suite.DayChangesAsync(code, period, ct) : suite.ChangesAsync(code, period, now.AddDays(-1), now, ct);
        var daysReading = suite.HistoryAsync(code, period, now.AddDays(-30), now, "day", ct);
        var hoursReading = suite.HistoryAsync(code, period, now.AddDays(-1), now, "hour", ct);
        var boardReading = asOf is null ? suite.BoardAsync(period, ct) : Task.FromResult(new Reading<Board>(null, null));
        await Task.WhenAll(scoreReading, changesReading, daysReading, hoursReading, boardReading);

        var (score, changes, board) = (await scoreReading, await changesReading, await boardReading);
        var scheme = await schemes.OfAsync(score.Value?.Scheme, suite, ct);
        var everyone = board.Value is { } seen ? seen.Units.Concat(seen.Organisation is { } top ? [top] : []).DistinctBy(row => row.Unit.Id).ToList() : [];
        var row = everyone.FirstOrDefault(each => each.Unit.Code.Equals(code, StringComparison.OrdinalIgnoreCase));
        var ranked = board.Value is { } known ? BoardAssembly.Ranked(known, BoardAssembly.Compared(known).Rows) : [];
        var lines = score.Value is { } value ? LinesOf(value, scheme, changes.Value) : ([], null);
        return new(
            code, period, asOf, score, scheme, changes, await daysReading, await hoursReading, board, row,
            ranked.FirstOrDefault(each => each.Row.Unit.Code == row?.Unit.Code)?.Rank, ranked.Count(each => each.Rank is not null),
            row is null ? [] : [.. everyone.Where(each => each.Unit.Path.Length < row.Unit.Path.Length && row.Unit.Path.StartsWith(each.Unit.Path, StringComparison.Ordinal)).OrderBy(each => each.Unit.Path.Length)],
            row is null ? [] : PeersOf(row, everyone),
            row is null ? [] : [.. everyone.Where(each => each.Unit.Above == row.Unit.Path).OrderBy(each => each.Unit.Code, StringComparer.Ordinal).Take(MostChildren)],
            lines.Lines, lines.Total,
            changes.Value is { } change && score.Value is { } current ? ChangePartsOf(change, current, scheme) : [],
            [.. (score.Value?.Leaves ?? []).SelectMany(leaf => (leaf.Worst ?? []).Select(fact => new CostlyLine(leaf, fact))).OrderByDescending(line => line.Fact.Cost ?? 0).Take(CostliestFacts)]);
    }

    /// <summary>Units of the same kind under the same parent, best first; of many, those around this one.</summary>
    private static IReadOnlyList<BoardRow> PeersOf(BoardRow row, IReadOnlyList<BoardRow> everyone)
    {
        var peers = everyone.Where(each => each.Unit.Above == row.Unit.Above && each.Unit.Kind == row.Unit.Kind).OrderByDescending(each => each.Score ?? -1).ToList();
        var start = Math.Clamp(peers.IndexOf(row) - MostPeers / 2, 0, Math.Max(0, peers.Count - MostPeers));
        return peers.Count < 2 ? [] : [.. peers.Skip(start).Take(MostPeers)];
    }

    /// <summary>The score taken apart in the order of the tree, rounded so that the lines add up to the shown total.</summary>
    private (IReadOnlyList<PartLine> Lines, double? Total) LinesOf(UnitScore score, Scheme scheme, ScoreChanges? changes)
    {
        if (score.Score is not { } total)
            return ([], null);

        var families = score.Families ?? [];
        var leaves = score.Leaves ?? [];
        var adjustments = (score.Adjustments ?? []).Where(adjustment => adjustment.Counted != 0).ToList();
        double Signed(Adjustment adjustment) => adjustment.Kind == "bonus" ? adjustment.Counted : -adjustment.Counted;
        var exact = leaves.Select(leaf => leaf.Contribution ?? 0).Concat(adjustments.Select(Signed)).ToList();
        var limited = total - 100 - exact.Sum();
        var isLimited = Math.Abs(limited) >= 0.005;
        var shownTotal = Figure.Within(total, 2, scheme.Limits);
        var shown = Figure.Parts(isLimited ? [.. exact, limited] : exact, shownTotal - 100, 2);
        var shownOf = leaves.Select((leaf, i) => (leaf.Code, Shown: shown[i])).ToDictionary(each => each.Code, each => each.Shown, StringComparer.Ordinal);
        var isCompared = changes is { From.Score: not null, To.Score: not null };
        var changeOf = (changes?.Leaves ?? []).ToDictionary(leaf => leaf.Code, leaf => leaf.Total, StringComparer.Ordinal);

        var lines = new List<PartLine>();
        foreach (var family in families.Where(family => family.Parent is null || families.All(other => other.Code != family.Parent)))
            AddFamily(family, 0);
        foreach (var leaf in leaves.Where(leaf => families.All(family => family.Code != leaf.Family)))
            AddLeaf(leaf, 0);
        for (var i = 0; i < adjustments.Count; i++)
            lines.Add(new(PartKind.Adjustment, 0, reader.Name(scheme.Rules.GetValueOrDefault(adjustments[i].Rule), adjustments[i].Rule), null, null, adjustments[i], shown[leaves.Count + i], null));
        if (isLimited)
            lines.Add(new(PartKind.Limit, 0, reader.Say("unit.limited"), null, null, null, shown[^1], null));
        return (lines, shownTotal);

        void AddFamily(FamilyScore family, int depth)
        {
            var below = Below(family.Code).ToList();
            lines.Add(new(PartKind.Family, depth, reader.Name(family.Name, family.Code), family, null, null, Math.Round(below.Sum(leaf => shownOf[leaf.Code]), 2), !isCompared ? null : below.Sum(leaf => changeOf.GetValueOrDefault(leaf.Code))));
            foreach (var leaf in leaves.Where(leaf => leaf.Family == family.Code))
                AddLeaf(leaf, depth);
            foreach (var child in families.Where(child => child.Parent == family.Code))
                AddFamily(child, depth + 1);
        }

        void AddLeaf(LeafScore leaf, int depth) =>
            lines.Add(new(PartKind.Leaf, depth, reader.Name(leaf.Name, leaf.Code), null, leaf, null, leaf.Points is null ? null : shownOf[leaf.Code], !isCompared ? null : changeOf.GetValueOrDefault(leaf.Code)));

        IEnumerable<LeafScore> Below(string family) =>
            leaves.Where(leaf => leaf.Family == family).Concat(families.Where(child => child.Parent == family).SelectMany(child => Below(child.Code)));
    }

    /// <summary>The largest parts of the change by name, the others together, rounded so that they add up to the whole.</summary>
    private IReadOnlyList<ChangePart> ChangePartsOf(ScoreChanges changes, UnitScore score, Scheme scheme)
    {
        if (changes.From?.Score is not { } from || changes.To?.Score is not { } to)
            return [];

        var leaves = (score.Leaves ?? []).ToDictionary(leaf => leaf.Code, StringComparer.Ordinal);
        var parts = (changes.Leaves ?? []).Where(leaf => leaf.Total != 0)
            .Select(leaf => new ChangePart(reader.Name(leaves.GetValueOrDefault(leaf.Code)?.Name ?? scheme.Leaves.GetValueOrDefault(leaf.Code), leaf.Code), Values(leaf, leaves.GetValueOrDefault(leaf.Code)), leaf.Total, false))
            .Append(new ChangePart(reader.Say("adjustments"), null, changes.AdjustmentsTotal, false))
            .Where(part => Math.Abs(part.Effect) >= 0.005)
            .OrderByDescending(part => Math.Abs(part.Effect))
            .ToList();
        var named = parts.Take(NamedParts).ToList();
        var total = to - from;
        var rest = total - named.Sum(part => part.Effect);
        if (parts.Count > named.Count || Math.Abs(rest) >= 0.005)
            named.Add(new ChangePart(reader.Say("unit.change.rest"), null, rest, true));
        var shown = Figure.Parts([.. named.Select(part => part.Effect)], total, 2);
        return [.. named.Select((part, i) => part with { Effect = shown[i] })];
    }

    private string? Values(LeafChange change, LeafScore? leaf)
    {
        if (change.FromValue is not { } from || change.ToValue is not { } to)
            return null;

        var written = Measured.Of(leaf?.Unit, to, reader.Language);
        return $"{written.Bare(from)} → {written.Write(to)}";
    }
}
