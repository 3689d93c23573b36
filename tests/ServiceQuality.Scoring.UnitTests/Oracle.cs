using System.Text.Json.Nodes;
using ServiceQuality.Contracts.Facts;

namespace ServiceQuality.Scoring.UnitTests;

/// <summary>
/// A slow and obvious second opinion (scoring.md §§ 1–5): recomputes a score from the raw facts of one or more journals and the JSON of the scheme, with plain LINQ,
/// and shares no code with the ledger. It keeps every fact, takes days as local dates, and works in millionths as the scheme's documentation says.
/// </summary>
public sealed class Oracle(ReadOnlyMemory<byte> schemeJson, TimeZoneInfo zone)
{
    private static readonly (double? Value, double? Exact, long Sample) Nothing = (null, null, 0);

    private readonly JsonNode scheme = JsonNode.Parse(schemeJson.Span)!;

    private readonly Dictionary<string, (double? Value, double? Exact, long Sample)> values = [];

    /// <summary>A score as the oracle sees it. Leaves by code: value, sample, points that count, effective weight, state.</summary>
    public sealed record Verdict(double? Score, double Coverage, string? Grade, IReadOnlyDictionary<string, LeafVerdict> Leaves, decimal Deducted, decimal Added);

    /// <summary>One leaf. <paramref name="Exact"/> is the value without the grouping into bins that percentiles allow themselves.</summary>
    public sealed record LeafVerdict(double? Value, double? Exact, long Sample, double? Points, double Weight, string State);

    /// <summary>The score of the facts of a journal prefix as of a moment.</summary>
    public Verdict Score(IEnumerable<Fact> journal, Period period, DateTimeOffset asOf) => Score([[.. journal]], period, asOf);

    /// <summary>The score of several units merged by volume.</summary>
    public Verdict Score(IReadOnlyList<IReadOnlyList<Fact>> journals, Period period, DateTimeOffset asOf)
    {
        var units = journals.Select(journal => new Unit(this, journal, period, asOf)).ToList();
        values.Clear();
        var root = scheme["root"]!;
        var leaves = new Dictionary<string, LeafVerdict>();
        var covered = Covered(root, 1, units);
        var (deducted, added) = (Adjusted(units, "deduction"), Adjusted(units, "bonus"));
        if (Points(root, units) is null)
        {
            foreach (var leaf in Leaves(root))
                leaves[Code(leaf)] = Leaf(leaf, units, null, 0, "NoData");
            return new(null, 0, null, leaves, deducted, added);
        }
        Walk(root, 1, null, units, leaves);
        var score = Math.Clamp(leaves.Values.Sum(l => l.Weight * (l.Points ?? 0)) + (double)added - (double)deducted, 0, 100);
        var grade = covered < 0.5 - 1e-9 ? null : scheme["bands"]!.AsArray().First(b => Math.Round(score, 9) >= (double)b!["from"]!)!["code"]!.GetValue<string>();
        return new(score, covered, grade, leaves, deducted, added);
    }

    private DateOnly Date(DateTimeOffset time) => DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(time, zone).DateTime);

    private static string Code(JsonNode node) => node["code"]!.GetValue<string>();

    private static IEnumerable<JsonNode> Leaves(JsonNode node) => node["children"] is JsonArray children ? children.SelectMany(c => Leaves(c!)) : [node];

    private static double Share(JsonNode family, JsonNode child) => (double)child["weight"]! / family["children"]!.AsArray().Sum(c => (double)c!["weight"]!);

    private double? Points(JsonNode node, List<Unit> units)
    {
        if (node["children"] is not JsonArray children)
            return Scored(node, units);
        var parts = children.Select(c => (Child: c!, Weight: Share(node, c!), Points: Points(c!, units))).ToList();
        if (!parts.Any(p => p.Points is not null && p.Weight > 0))
            return null;
        var policy = Policy(node);
        var counting = parts.Where(p => p.Points is not null || policy != "redistribute").ToList();
        return counting.Sum(p => p.Weight * (p.Points ?? Substitute(node, p.Child, units))) / counting.Sum(p => p.Weight);
    }

    private double Covered(JsonNode node, double share, List<Unit> units) => node["children"] is JsonArray children
        ? children.Sum(c => Covered(c!, share * Share(node, c!), units))
        : Scored(node, units) is null ? 0 : share;

    private void Walk(JsonNode node, double weight, (string State, double Points)? replaced, List<Unit> units, Dictionary<string, LeafVerdict> leaves)
    {
        if (node["children"] is not JsonArray children)
        {
            leaves[Code(node)] = Leaf(node, units, replaced?.Points ?? Scored(node, units), weight, replaced?.State ?? "Scored");
            return;
        }
        var policy = Policy(node);
        var whole = children.Where(c => replaced is not null || policy != "redistribute" || Points(c!, units) is not null).Sum(c => Share(node, c!));
        foreach (var child in children)
        {
            var part = weight * Share(node, child!) / whole;
            if (replaced is not null)
                Walk(child!, part, replaced, units, leaves);
            else if (Points(child!, units) is not null)
                Walk(child!, part, null, units, leaves);
            else if (policy != "redistribute")
                Walk(child!, part, (policy == "hold" ? "Held" : policy == "neutral" ? "Neutral" : "Zero", Substitute(node, child!, units)), units, leaves);
            else
                Leaves(child!).ToList().ForEach(l => leaves[Code(l)] = Leaf(l, units, null, 0, "NoData"));
        }
    }

    private LeafVerdict Leaf(JsonNode leaf, List<Unit> units, double? points, double weight, string state)
    {
        var (value, exact, sample) = Inside(leaf["measure"]!.GetValue<string>(), units);
        return new(value, exact, sample, points, weight, state);
    }

    private double? Scored(JsonNode leaf, List<Unit> units)
    {
        var (value, _, sample) = Inside(leaf["measure"]!.GetValue<string>(), units);
        return value is { } v && sample >= (long)leaf["minimumSample"]! ? Standard(leaf, v) : null;
    }

    private static string Policy(JsonNode family) => family["missing"]?["policy"]?.GetValue<string>() ?? "redistribute";

    private double Substitute(JsonNode family, JsonNode child, List<Unit> units)
    {
        var missing = family["missing"]!;
        if (Policy(family) == "zero")
            return 0;
        var resting = (double)missing["points"]!;
        if (Policy(family) == "neutral")
            return resting;
        var days = (int)missing["days"]!;
        int? newest = null;
        for (var back = 1; back <= days; back++)
        {
            if (newest is null && Value(child["measure"]!.GetValue<string>(), units, u => u.DaysBefore(back, back)).Sample > 0)
                newest = back - 1;
            var (value, _, sample) = Value(child["measure"]!.GetValue<string>(), units, u => u.DaysBefore(1, back));
            if (value is not { } v || sample < (long)child["minimumSample"]!)
                continue;
            var age = (units[0].AsOf - units[0].From).TotalDays + newest!.Value;
            return Standard(child, v) + ((resting - Standard(child, v)) * Math.Clamp(age / days, 0, 1));
        }
        return resting;
    }

    private static double Standard(JsonNode leaf, double value)
    {
        var points = leaf["breakpoints"]!.AsArray().Select(b => (X: (double)b![0]!, Y: (double)b[1]!)).OrderBy(b => b.X).ToList();
        if (value <= points[0].X)
            return points[0].Y;
        if (value >= points[^1].X)
            return points[^1].Y;
        var right = points.FindIndex(p => p.X >= value);
        var (a, b) = (points[right - 1], points[right]);
        return a.Y + ((b.Y - a.Y) * (value - a.X) / (b.X - a.X));
    }

    private decimal Adjusted(List<Unit> units, string kind) => units.Sum(u => u.Adjustments.Where(a => a.Data is Deduction == (kind == "deduction"))
        .GroupBy(a => a.Data is Deduction d ? d.Rule : ((Bonus)a.Data).Rule)
        .Sum(rule =>
        {
            var known = scheme["adjustments"]?.AsArray().FirstOrDefault(r => r!["rule"]!.GetValue<string>() == rule.Key && r["kind"]!.GetValue<string>() == kind);
            var sum = rule.Sum(a => a.Data is Deduction d ? d.Points : ((Bonus)a.Data).Points);
            return known is null ? 0 : known["cap"] is { } cap ? Math.Min((decimal)cap, sum) : sum;
        })) / units.Count;

    private (double? Value, double? Exact, long Sample) Inside(string code, List<Unit> units)
    {
        if (!values.TryGetValue(code, out var value))
            values[code] = value = Value(code, units, u => u.Inside);
        return value;
    }

    private (double? Value, double? Exact, long Sample) Value(string code, List<Unit> units, Func<Unit, IEnumerable<Fact>> which)
    {
        var measure = scheme["measures"]!.AsArray().First(m => Code(m!) == code)!;
        var aggregator = measure["aggregator"]!.GetValue<string>();
        if (aggregator == "blend")
            return Blend(measure, units, which);
        if (aggregator == "latest")
            return Latest(measure, units);
        if (measure["fact"]!.GetValue<string>() == "fault")
            return Faults(aggregator, units);
        var facts = units.SelectMany(which).Where(f => Looks(measure, f)).ToList();
        // A measurement stands for several equal readings.
        var numbers = measure["value"] is { } name
            ? facts.Select(f => (Fact: f, X: Number(f.Data, name.GetValue<string>()))).Where(p => p.X is not null).SelectMany(p => Enumerable.Repeat((p.Fact, X: p.X!.Value), Times(p.Fact))).ToList()
            : [];
        switch (aggregator)
        {
            case "count":
                var count = facts.Sum(Times);
                return count == 0 ? Nothing : (count, count, count);
            case "per-thousand":
                var under = Value(measure["base"]!.GetValue<string>(), units, which).Sample;
                var hits = measure["value"] is null ? facts.Sum(Times) : numbers.Sum(p => p.X);
                return under == 0 ? Nothing : ((double)(1000m * hits / under), (double)(1000m * hits / under), under);
            case "gap":
                var gaps = facts.Select(f => Number(f.Data, measure["perception"]!.GetValue<string>()) - Number(f.Data, measure["expectation"]!.GetValue<string>())).Where(g => g is not null).ToList();
                return gaps.Count == 0 ? Nothing : Same((double)gaps.Average()!.Value, gaps.Count);
            case "ratio" when measure["hit"] is { } hit:
                var verdicts = facts.Select(f => Conditions(hit, f)).Where(v => v is not null).ToList();
                return verdicts.Count == 0 ? Nothing : Same(verdicts.Count(v => v == true) / (double)verdicts.Count, verdicts.Count);
        }
        if (numbers.Count == 0)
            return Nothing;
        switch (aggregator)
        {
            case "mean" or "ratio":
                return Same((double)(numbers.Sum(p => p.X) / numbers.Count), numbers.Count);
            case "sum":
                return Same((double)numbers.Sum(p => p.X), numbers.Count);
            case "last":
                var reported = facts.Where(f => Number(f.Data, measure["value"]!.GetValue<string>()) is not null).ToList();
                return Same((double)numbers.OrderBy(p => p.Fact.Time.UtcTicks).ThenBy(p => p.Fact.Seq).Last().X, reported.Count);
            default:
                var sorted = numbers.Select(p => (double)p.X).Order().ToList();
                var exact = sorted[(int)Math.Ceiling((double)measure["quantile"]! * sorted.Count) - 1];
                // The published bins: (1.02^(i−1), 1.02^i] millionths stand for 2 · 1.02^i / 2.02.
                var binned = exact == 0 ? 0 : exact <= 1e-6 ? 1e-6 : 2 * Math.Pow(1.02, Math.Ceiling(Math.Log(exact * 1e6) / Math.Log(1.02))) / 2.02 / 1e6;
                return (binned, exact, sorted.Count);
        }

        static (double?, double?, long) Same(double value, long sample) => (value, value, sample);
        static int Times(Fact fact) => fact.Data is Measurement m ? m.Count ?? 1 : 1;
    }

    /// <summary>The parts, each over its months or weeks, and the mixture month by month where the scheme says so.</summary>
    private (double? Value, double? Exact, long Sample) Blend(JsonNode measure, List<Unit> units, Func<Unit, IEnumerable<Fact>> which)
    {
        var parts = measure["parts"]!.AsArray();
        if (measure["each"]?.GetValue<string>() != "month")
            return Mix(which);
        var months = units.SelectMany(which).Select(f => Month(f)).Distinct().Select(month => Mix(u => which(u).Where(f => Month(f) == month))).Where(m => m.Value is not null).ToList();
        return months.Count == 0 ? Nothing : (months.Average(m => m.Value), months.Average(m => m.Value), months.Sum(m => m.Sample));

        (double? Value, double? Exact, long Sample) Mix(Func<Unit, IEnumerable<Fact>> inside)
        {
            var found = parts.Select(p => (Weight: (double)p!["weight"]!, Value: Part(p, inside))).Where(p => p.Value.Value is not null).ToList();
            if (found.Count == 0)
                return Nothing;
            var mixed = found.Sum(p => p.Weight * p.Value.Value!.Value) / found.Sum(p => p.Weight);
            return (mixed, mixed, found.Sum(p => p.Value.Sample));
        }

        (double? Value, long Sample) Part(JsonNode part, Func<Unit, IEnumerable<Fact>> inside) => part["mean"]?.GetValue<string>() switch
        {
            "months" => Average(units.SelectMany(inside).Select(Month).Distinct().Select(m => Valid(part, u => inside(u).Where(f => Month(f) == m)))),
            "weeks" => Average(units.SelectMany(inside).Select(Month).Distinct().Select(m => Average(units.SelectMany(inside).Where(f => Month(f) == m).Select(Monday).Distinct()
                .Select(w => Valid(part, u => inside(u).Where(f => Month(f) == m && Monday(f) == w)))))),
            _ => Valid(part, inside),
        };

        (double? Value, long Sample) Valid(JsonNode part, Func<Unit, IEnumerable<Fact>> inside)
        {
            var code = part["measure"]!.GetValue<string>();
            var (value, _, sample) = Value(code, units, inside);
            var represented = part["groups"]?.AsArray().All(g => Value(code, units, u => inside(u).Where(f => f.Data is SurveyResponse s && s.Group == g!.GetValue<string>())).Sample > 0) != false;
            return value is not null && represented && sample >= ((long?)part["minimumSample"] ?? 1) ? (value, sample) : (null, 0);
        }

        static (double? Value, long Sample) Average(IEnumerable<(double? Value, long Sample)> all)
        {
            var some = all.Where(one => one.Value is not null).ToList();
            return some.Count == 0 ? (null, 0) : (some.Average(one => one.Value), some.Sum(one => one.Sample));
        }

        (int, int) Month(Fact fact) => (Date(fact.Time).Year, Date(fact.Time).Month);

        DateOnly Monday(Fact fact) => Enumerable.Range(0, 7).Select(back => Date(fact.Time).AddDays(-back)).First(day => day.DayOfWeek == DayOfWeek.Monday);
    }

    /// <summary>The newest word on each risk, or on the coverage, of each unit.</summary>
    private static (double? Value, double? Exact, long Sample) Latest(JsonNode measure, List<Unit> units)
    {
        var name = measure["value"]!.GetValue<string>();
        var states = units.SelectMany(u => u.States).Where(f => Looks(measure, f)).Select(f => f.Data)
            .Select(d => d is TrainingCoverage c
                ? (Above: name == "required" ? c.Required : (decimal?)c.Qualified, Below: name == "coverage" ? c.Required : 1m)
                : (Above: Number(d, name), Below: 1m))
            .Where(state => state.Above is not null).ToList();
        if (states.Count == 0 || states.Sum(s => s.Below) == 0)
            return Nothing;
        var value = (double)(states.Sum(s => s.Above!.Value) / states.Sum(s => s.Below));
        return (value, value, states.Count);
    }

    private static (double?, double?, long) Faults(string aggregator, List<Unit> units)
    {
        var watched = units.Where(u => u.Watched && u.To > u.From).ToList();
        if (watched.Count == 0)
            return Nothing;
        var time = watched.Sum(u => (u.To - u.From).TotalSeconds);
        var outages = watched.SelectMany(u => u.Outages.Select(o => (o.Start, o.End, Unit: u))).ToList();
        var failures = outages.Count(o => o.Unit.Contains(o.Start));
        var repairs = outages.Where(o => o.End is { } end && o.Unit.Contains(end)).Select(o => (o.End!.Value - o.Start).TotalSeconds).ToList();
        var down = outages.Sum(o => Math.Max(0, ((o.End is { } end && end < o.Unit.To ? end : o.Unit.To) - (o.Start > o.Unit.From ? o.Start : o.Unit.From)).TotalSeconds));
        var up = Math.Max(0, time - down);
        return aggregator switch
        {
            "mttr" => repairs.Count == 0 ? Nothing : (repairs.Average(), repairs.Average(), repairs.Count),
            "failure-rate" => up == 0 ? Nothing : (failures / (up / 3600), failures / (up / 3600), failures),
            "mtbf" => (failures == 0 ? up : up / failures, up / Math.Max(1, failures), failures),
            _ => (up / time, up / time, failures),
        };
    }

    private static bool Looks(JsonNode measure, Fact fact) => (measure["fact"]!.GetValue<string>(), fact.Data) switch
    {
        ("survey.response", SurveyResponse { Flags.Count: > 0 }) => measure["where"]?["flag"] is not null && Conditions(measure["where"]!, fact) == true,
        ("service.completed", ServiceCompleted) or ("measurement", Measurement) or ("survey.response", SurveyResponse) or ("inspection", InspectionScored)
            or ("complaint", ComplaintData) or ("training", TrainingCompleted or TrainingCoverage) or ("risk", RiskAssessed or RiskEvent) =>
            measure["where"] is not { } where || Conditions(where, fact) == true,
        _ => false,
    };

    private static bool? Conditions(JsonNode filter, Fact fact)
    {
        var listed = filter.AsObject().Where(pair => pair.Value is JsonArray).All(pair => pair.Value!.AsArray().Any(item => item!.GetValue<string>() == Text(pair.Key, fact.Data)));
        if (!listed)
            return false;
        var asked = filter.AsObject().Where(pair => pair.Value is not JsonArray).Select(pair => pair.Value is JsonValue truth
            ? (Number: Number(fact.Data, pair.Key), Min: truth.GetValue<bool>() ? 1 : 0, Max: truth.GetValue<bool>() ? 1 : 0)
            : (Number: Number(fact.Data, pair.Key), Min: (decimal?)pair.Value!["min"], Max: (decimal?)pair.Value["max"])).ToList();
        return asked.Any(one => one.Number is null) ? null : asked.All(one => !(one.Number < one.Min) && !(one.Number > one.Max));
    }

    private static string? Text(string name, FactData data) => (name, data) switch
    {
        ("inspection", InspectionScored i) => i.Inspection,
        ("level", InspectionScored i) => i.Level.ToString().ToLowerInvariant(),
        ("object", InspectionScored i) => i.Inspected.ToString().ToLowerInvariant(),
        ("event", _) => data.GetType().Name switch
        {
            "TrainingCompleted" => "completed",
            "TrainingCoverage" => "coverage",
            "RiskAssessed" => "assessed",
            "RiskEvent" => "event",
            var complaint => complaint["Complaint".Length..].ToLowerInvariant(),
        },
        ("severity", ComplaintData c) => c.Severity.ToString().ToLowerInvariant(),
        ("severity", RiskEvent r) => r.Severity.ToString().ToLowerInvariant(),
        ("channel", ComplaintData c) => c.Channel.ToString().ToLowerInvariant(),
        ("rootCause", ComplaintData c) => c.RootCause,
        ("group", SurveyResponse s) => s.Group,
        ("channel", ServiceCompleted s) => s.Channel.ToString().ToLowerInvariant(),
        ("outcome", ServiceCompleted s) => s.Outcome.ToString().ToLowerInvariant(),
        ("service", ServiceCompleted s) => s.Service,
        ("measure", Measurement m) => m.Measure,
        ("kind", SurveyResponse s) => s.Kind.ToString().ToLowerInvariant(),
        ("survey", SurveyResponse s) => s.Survey,
        _ => throw new InvalidOperationException(name),
    };

    private static decimal? Number(FactData data, string name) => (name, data) switch
    {
        ("waitSeconds", ServiceCompleted s) => Millionths(s.WaitSeconds),
        ("handleSeconds", ServiceCompleted s) => Millionths(s.HandleSeconds),
        ("errors", ServiceCompleted s) => s.Errors,
        ("rating", ServiceCompleted s) => s.Rating,
        ("value", Measurement m) => Millionths(m.Value),
        ("score", InspectionScored i) => Millionths(i.Score),
        ("criticalFailures", InspectionScored i) => i.CriticalFailures,
        ("withinTarget", ComplaintData { WithinTarget: { } yes }) => yes ? 1 : 0,
        ("accepted", ComplaintData { Accepted: { } yes }) => yes ? 1 : 0,
        ("ackSeconds", ComplaintData c) => Millionths(c.AckSeconds),
        ("passed", TrainingCompleted t) => t.Passed ? 1 : 0,
        ("score", TrainingCompleted t) => Millionths(t.Score),
        ("hours", TrainingCompleted t) => Millionths(t.Hours),
        ("residual", RiskAssessed r) => r.Residual,
        ("inherent", RiskAssessed r) => r.Inherent,
        ("severityWeight", RiskEvent r) => (int)r.Severity + 1,
        ("attainment", SurveyResponse { Pairs: { } pairs }) => (decimal)Math.Round(pairs.Values.Sum(p => (decimal)p.Perception) / pairs.Values.Sum(p => (decimal)p.Expectation), 6, MidpointRounding.AwayFromZero),
        (_, SurveyResponse { Pairs: { } pairs }) when name.Split('.', 2) is [var side, var dimension] && side is "expectation" or "perception" =>
            pairs.Where(p => p.Key.Split('.')[0] == dimension).Select(p => (decimal)(side == "perception" ? p.Value.Perception : p.Value.Expectation)).ToList() is { Count: > 0 } some
                ? Math.Round(some.Average(), 6, MidpointRounding.AwayFromZero) : null,
        ("answer" or "promoter", SurveyResponse { Answers.Count: 0 }) => null,
        ("answer", SurveyResponse s) => Millionths(s.Answers.Values.Average()),
        ("promoter", SurveyResponse s) => Millionths(s.Answers.Values.Average()) switch { >= 9 => 100, >= 7 => 0, _ => -100 },
        _ => null,
    };

    private static decimal? Millionths(double? value) => value is { } number ? (decimal)Math.Round(number * 1e6) / 1_000_000 : null;

    /// <summary>One unit's facts, seen through the window.</summary>
    private sealed class Unit
    {
        private readonly Oracle oracle;
        private readonly List<Fact> counted = [];
        private readonly bool live;
        private readonly DateTimeOffset watermark;
        private readonly Func<DateTimeOffset, bool> holds;
        private readonly DateOnly firstDay;

        public Unit(Oracle oracle, IReadOnlyList<Fact> journal, Period period, DateTimeOffset asOf)
        {
            this.oracle = oracle;
            AsOf = asOf;
            watermark = journal.Max(f => f.Received);
            live = asOf >= watermark;
            // A fact takes its turn when it comes, or, being ahead, when the watermark passes it; on its turn its day must still be kept.
            var newest = DateTimeOffset.MinValue;
            foreach (var fact in journal)
            {
                newest = fact.Received > newest ? fact.Received : newest;
                if (oracle.Date(fact.Time) > oracle.Date(newest).AddDays(-400) && fact.Time <= (live ? asOf : watermark))
                    counted.Add(fact);
            }
            var today = oracle.Date(asOf);
            var (start, end) = period.Kind switch
            {
                PeriodKind.SevenDays => (today.AddDays(-6), today),
                PeriodKind.ThirtyDays => (today.AddDays(-29), today),
                _ when period.Start is { } first => (first, period.End!.Value),
                PeriodKind.Week => (today.AddDays(-(((int)today.DayOfWeek + 6) % 7)), today),
                PeriodKind.Month => (new DateOnly(today.Year, today.Month, 1), today),
                PeriodKind.Quarter => (new DateOnly(today.Year, today.Month - ((today.Month - 1) % 3), 1), today),
                PeriodKind.HalfYear => (new DateOnly(today.Year, today.Month > 6 ? 7 : 1, 1), today),
                PeriodKind.Year => (new DateOnly(today.Year, 1, 1), today),
                _ => (today, today),
            };
            if (period.Kind == PeriodKind.TwentyFourHours)
            {
                var hour = new DateTimeOffset(asOf.UtcTicks - (asOf.UtcTicks % TimeSpan.TicksPerHour), TimeSpan.Zero);
                From = hour.AddHours(-23);
                To = asOf;
                firstDay = oracle.Date(From);
                holds = time => time >= From;
            }
            else
            {
                From = FirstInstant(start);
                var over = FirstInstant(end.AddDays(1));
                To = over < asOf ? over : asOf;
                firstDay = start;
                holds = time => oracle.Date(time) >= start && oracle.Date(time) <= end;
            }
            Inside = [.. counted.Where(f => Contains(f.Time))];

            DateTimeOffset FirstInstant(DateOnly day) =>
                Enumerable.Range(-60, 160).Select(h => new DateTimeOffset(day.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero).AddHours(h / 2.0)).First(t => oracle.Date(t) >= day);
        }

        public DateTimeOffset From { get; }

        public DateTimeOffset To { get; }

        public DateTimeOffset AsOf { get; }

        public IReadOnlyList<Fact> Inside { get; }

        /// <summary>The newest assessment of each risk and the newest head count up to the end of the window, of what is still kept.</summary>
        public IEnumerable<Fact> States => counted.Where(f => f.Data is RiskAssessed or TrainingCoverage && oracle.Date(f.Time) > oracle.Date(watermark).AddDays(-400))
            .Where(f => f.Time < To || (live && To == AsOf && f.Time == To))
            .GroupBy(f => (f.Data as RiskAssessed)?.Risk).Select(one => one.OrderBy(f => f.Time).ThenBy(f => f.Seq).Last());

        public bool Watched => counted.Any(f => f.Data is FaultOpened or FaultRestored && (f.Time < To || (live && To == AsOf && f.Time == To)));

        public IEnumerable<Fact> Adjustments => Inside.Where(f => f.Data is Deduction or Bonus && !counted.Any(w =>
            w.Data is AdjustmentWithdrawn withdrawn && withdrawn.Source == f.Source && withdrawn.Id == f.Id && (live ? w.Time <= AsOf : w.Time < AsOf)));

        public IEnumerable<(DateTimeOffset Start, DateTimeOffset? End)> Outages => counted
            .Where(f => f.Data is FaultOpened or FaultRestored)
            .GroupBy(f => f.Data is FaultOpened o ? (o.Asset, o.Fault) : (((FaultRestored)f.Data).Asset, ((FaultRestored)f.Data).Fault))
            .SelectMany(fault =>
            {
                var outages = new List<(DateTimeOffset Start, DateTimeOffset? End)>();
                foreach (var fact in fault.OrderBy(f => f.Time).ThenBy(f => f.Data is FaultRestored))
                {
                    if (fact.Data is FaultOpened && (outages.Count == 0 || outages[^1].End is not null))
                        outages.Add((fact.Time, null));
                    else if (fact.Data is FaultRestored && outages.Count > 0 && outages[^1].End is null)
                        outages[^1] = (outages[^1].Start, fact.Time);
                }
                return outages;
            })
            .Where(o => o.Start < To || (live && To == AsOf && o.Start == To));

        public bool Contains(DateTimeOffset time) => holds(time) && (live ? time <= AsOf : time < AsOf) && (To == AsOf || time < To);

        public IEnumerable<Fact> DaysBefore(int from, int to) => counted.Where(f => oracle.Date(f.Time) <= firstDay.AddDays(-from) && oracle.Date(f.Time) >= firstDay.AddDays(-to));
    }
}
