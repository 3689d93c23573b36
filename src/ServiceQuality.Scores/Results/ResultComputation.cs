using ServiceQuality.Scores.Deductions;
using ServiceQuality.Scores.Scores;
using ServiceQuality.Scores.Units;
using ServiceQuality.Scoring;
using ServiceQuality.Scoring.Results;

namespace ServiceQuality.Scores.Results;

/// <summary>What a computation needs to know but the units.</summary>
/// <param name="Period">The period.</param>
/// <param name="Moment">As of then.</param>
/// <param name="Scheme">The scheme.</param>
/// <param name="Catalogue">What the readings are of.</param>
/// <param name="Read">Reads a unit's own journal.</param>
/// <param name="Quarters">The four quarters of a unit; null unless the period is a year.</param>
/// <param name="FactsPerLeaf">How many of the costliest facts a document names per indicator; null for none.</param>
internal sealed record ComputationInput(
    Period Period, DateTimeOffset Moment, Scheme Scheme, MeasureCatalogue Catalogue, Func<PinnedUnit, Task<OwnPart?>> Read, Func<Guid, IReadOnlyList<QuarterResult>>? Quarters, int? FactsPerLeaf)
{
    /// <summary>Units whose document stands as it is, with everything under them, and that document; null where they have none.</summary>
    public IReadOnlyDictionary<Guid, ResultDocument?> Standing { get; init; } = new Dictionary<Guid, ResultDocument?>();
}

/// <summary>
/// Computes the documents of a tree, children before parents: each journal is read once and merged upwards. When a parent's children are complete their
/// ranks are known, and they are handed over together and forgotten.
/// </summary>
internal sealed class ResultComputation(ComputationInput input, IReadOnlyList<PinnedUnit> units)
{
    private const int ReadAhead = 4;

    private readonly ILookup<Guid?, PinnedUnit> _children = units.ToLookup(unit => unit.Parent);
    private readonly Dictionary<Guid, Task<OwnPart?>> _ahead = [];
    private int _next;

    /// <summary>Computes the first unit and everything under it.</summary>
    /// <param name="finished">Takes the documents of siblings as soon as they are complete; the uppermost unit alone comes last.</param>
    public async Task RunAsync(Func<IReadOnlyList<(PinnedUnit Unit, ResultDocument Document)>, Task> finished)
    {
        var top = await VisitAsync(units[0], stands: false, finished);
        if (top.Document is { } document)
            await finished([(units[0], document)]);
    }

    /// <summary>The document of the first unit alone.</summary>
    public async Task<ResultDocument> OfFirstAsync() =>
        (await VisitAsync(units[0], stands: false, _ => Task.CompletedTask)).Document ?? throw new InvalidOperationException("The unit has no document.");

    private async Task<Visited> VisitAsync(PinnedUnit unit, bool stands, Func<IReadOnlyList<(PinnedUnit, ResultDocument)>, Task> finished)
    {
        var own = await ReadAsync(unit);
        stands |= input.Standing.ContainsKey(unit.Unit);
        var children = new List<Visited>();
        foreach (var child in _children[unit.Unit])
            children.Add(await VisitAsync(child, stands, finished));
        if (!stands)
            await FinishAsync(children, finished);

        var readings = UnitScores.Merged([.. children.Select(child => child.Readings).Prepend(own?.Readings).OfType<Readings>()], input.Scheme.RollUp, own?.Readings);
        var heard = children.Exists(child => child.IsHeard) || own is { HasData: true };
        var missing = children.SelectMany(child => child.IsHeard ? child.Missing : child.Unit.Active ? [new ResultMissing(child.Unit.Unit, child.Unit.Code, child.Unit.Name)] : []).ToList();
        var journals = children.SelectMany(child => child.Journals).ToList();
        if (unit.Seq > 0)
            journals.Insert(0, new ResultJournal(unit.Unit, unit.Seq, unit.TimeZone) { AsOf = unit.AsOf == input.Moment ? null : unit.AsOf });
        if (stands)
            return new(unit, input.Standing.GetValueOrDefault(unit.Unit), readings, heard, missing, journals);

        // Who is closed and silent has nothing to be told.
        var document = heard || unit.Active || unit == units[0] ? Document(unit, readings, journals, missing) : null;
        if (document is not null && input.FactsPerLeaf is { } count)
            document = CostliestFacts.NameIn(document, count, own?.Facts, [.. children.Select(child => child.Document).OfType<ResultDocument>()]);
        return new(unit, document, readings, heard, missing, journals);
    }

    /// <summary>Units stand in the order in which they are visited: the next few are read while one is computed.</summary>
    private Task<OwnPart?> ReadAsync(PinnedUnit unit)
    {
        for (; _next < units.Count && _ahead.Count < ReadAhead; _next++)
        {
            var next = units[_next];
            _ahead[next.Unit] = Task.Run(() => input.Read(next));
        }
        return _ahead.Remove(unit.Unit, out var reading) ? reading : input.Read(unit);
    }

    private static async Task FinishAsync(List<Visited> siblings, Func<IReadOnlyList<(PinnedUnit, ResultDocument)>, Task> finished)
    {
        var documents = siblings.Where(one => one.Document is not null).Select(one => (one.Unit, Document: one.Document!)).ToList();
        if (documents.Count == 0)
            return;
        var ranks = SiblingRank.Among([.. documents.Select(one => one.Document.Official)]);
        await finished([.. documents.Select((one, index) => (one.Unit, one.Document with { Rank = ranks[index] }))]);
    }

    private ResultDocument Document(PinnedUnit unit, Readings? readings, List<ResultJournal> journals, List<ResultMissing> missing)
    {
        var zone = Zones.Of(unit.TimeZone);
        var score = Scorer.Evaluate(input.Scheme, readings ?? new Ledger(input.Catalogue, zone).Read(input.Period.Window(input.Moment, zone)));
        // Of merged readings the window is that of the first part; the document tells the unit's own.
        score = score with { Window = input.Period.Window(input.Moment, zone) };
        var described = new ResultUnit(unit.Unit, unit.Code, unit.Name, unit.Path, unit.TimeZone);
        if (input.Quarters is null)
            return ResultDocument.Of(described, score, journals, missing);
        var orders = score.Adjustments.Where(one => one is { Rule: DeductionRulebook.OrderNotHeld, Kind: AdjustmentKind.Deduction }).ToList();
        var annual = AnnualResult.Of(input.Quarters(unit.Unit), orders.Sum(one => one.Points), orders.Sum(one => one.Facts));
        return ResultDocument.OfYear(described, score, annual, DeductionRulebook.OrderNotHeld, journals, missing);
    }

    private sealed record Visited(
        PinnedUnit Unit, ResultDocument? Document, Readings? Readings, bool IsHeard, IReadOnlyList<ResultMissing> Missing, IReadOnlyList<ResultJournal> Journals);
}
