using System.Runtime.InteropServices;
using ServiceQuality.Contracts.Facts;

namespace ServiceQuality.Scoring;

/// <summary>
/// Knows for every kind of fact which series it touches, so that folding does no searching. Channel and outcome of a service, the measure of a measurement and
/// the kind of a survey are decided here once and for all; only ranges and lists are left to be looked at fact by fact.
/// </summary>
internal sealed class FactRouter
{
    private const int Channels = 5;
    private const int Outcomes = 4;
    private const int Numbers = 4;
    private readonly ServiceStep[][] services = new ServiceStep[Channels * Outcomes][];
    private readonly Dictionary<string, int[]> measurements = new(StringComparer.Ordinal);
    private readonly int[] surveys;
    private readonly int[] inspections;
    private readonly int[] complaints;
    private readonly int[] trainings;
    private readonly int[] risks;
    private readonly Series[] series;

    public FactRouter(Series[] series)
    {
        this.series = series;
        for (var route = 0; route < services.Length; route++)
            services[route] = [.. Steps(route / Outcomes, route % Outcomes)];
        foreach (var name in series.Where(s => s.Fact == FactKind.Measurement).SelectMany(s => s.Where.Measures!).Distinct(StringComparer.Ordinal))
            measurements[name] = [.. Indexes(s => s.Fact == FactKind.Measurement && s.Where.Measures!.Contains(name))];
        surveys = [.. Indexes(s => s.Fact == FactKind.Survey)];
        inspections = [.. Indexes(s => s.Fact == FactKind.Inspection)];
        complaints = [.. Indexes(s => s.Fact == FactKind.Complaint)];
        trainings = [.. Indexes(s => s.Fact == FactKind.Training)];
        risks = [.. Indexes(s => s.Fact == FactKind.Risk)];
    }

    public void Add(CellTable table, in Fact fact)
    {
        switch (fact.Data)
        {
            case ServiceCompleted service:
                Add(table, service, fact);
                break;
            case Measurement measurement when measurements.TryGetValue(measurement.Measure, out var touched):
                foreach (var i in touched)
                    Add(table, i, fact, measurement.Count ?? 1);
                break;
            case SurveyResponse:
                Add(table, surveys, fact);
                break;
            case InspectionScored:
                Add(table, inspections, fact);
                break;
            case ComplaintData:
                Add(table, complaints, fact);
                break;
            case TrainingCompleted or TrainingCoverage:
                Add(table, trainings, fact);
                break;
            case RiskAssessed or RiskEvent:
                Add(table, risks, fact);
                break;
        }
    }

    private void Add(CellTable table, int[] touched, in Fact fact)
    {
        foreach (var i in touched)
            Add(table, i, fact, 1);
    }

    private void Add(CellTable table, ServiceCompleted service, in Fact fact)
    {
        // A number may stand for the name of an enumeration in JSON: one without a name is no channel and no outcome.
        if ((uint)service.Channel >= Channels || (uint)service.Outcome >= Outcomes)
            return;
        Span<long> numbers = stackalloc long[Numbers];
        numbers[(int)FieldKind.Wait] = service.WaitSeconds is { } wait ? Number.Of(wait) : Number.Missing;
        numbers[(int)FieldKind.Handle] = service.HandleSeconds is { } handle ? Number.Of(handle) : Number.Missing;
        numbers[(int)FieldKind.Errors] = service.Errors * Number.One;
        numbers[(int)FieldKind.Rating] = service.Rating is { } rating ? rating * Number.One : Number.Missing;
        var cells = table.Cells;
        foreach (ref readonly var step in services[((int)service.Channel * Outcomes) + (int)service.Outcome].AsSpan())
        {
            if (step.Listed is { } filter && !filter.Holds(service))
                continue;
            ref var cell = ref cells[step.Series];
            if (step.Shape == Shape.Tally)
            {
                if (step.Range.Field != FieldKind.Value)
                {
                    var asked = numbers[(int)step.Range.Field];
                    if (asked == Number.Missing)
                        continue;
                    if (asked >= step.Range.Min && asked <= step.Range.Max)
                        cell.K += step.Hit;
                }
                else if (step.ManyRanges is { } hit)
                {
                    if (hit.Verdict(service) is not { } verdict)
                        continue;
                    if (verdict)
                        cell.K += Number.One;
                }
                else
                {
                    cell.K += step.Hit;
                }
                cell.N++;
                continue;
            }
            var number = numbers[(int)step.Value];
            if (number == Number.Missing)
                continue;
            switch (step.Shape)
            {
                case Shape.Moments:
                    cell.N++;
                    cell.Sum += number;
                    cell.Squares += Square(number);
                    break;
                case Shape.Sketch:
                    cell.N++;
                    table.SketchOf(step.Series).Add(Bins.Of(number), 1);
                    break;
                default:
                    CellTable.Newest(ref cell, 1, fact.Time.UtcTicks, fact.Seq, number);
                    break;
            }
        }
    }

    private void Add(CellTable table, int i, in Fact fact, int count)
    {
        var one = series[i];
        if (count < 1 || !one.Where.Holds(fact.Data))
            return;
        ref var cell = ref table.Cells[i];
        if (one.Shape == Shape.Tally && one.Value is null)
        {
            if (one.Hit is null)
                cell.N += count;
            else if (one.Hit.Verdict(fact.Data) is { } verdict)
                (cell.N, cell.K) = (cell.N + count, cell.K + (verdict ? count * Number.One : 0));
            return;
        }
        var number = one.NumberOf(fact.Data);
        if (number == Number.Missing)
            return;
        switch (one.Shape)
        {
            case Shape.Tally:
                cell.N += count;
                cell.K += Math.Clamp(number, 0, Number.One) * count;
                break;
            case Shape.Moments:
                cell.N += count;
                cell.Sum += (Int128)number * count;
                cell.Squares += Square(number) * count;
                break;
            case Shape.Sketch:
                cell.N += count;
                table.SketchOf(i).Add(Bins.Of(number), count);
                break;
            default:
                CellTable.Newest(ref cell, 1, fact.Time.UtcTicks, fact.Seq, number);
                break;
        }
    }

    private static Int128 Square(long number)
    {
        var high = Math.BigMul(number, number, out var low);
        return new Int128((ulong)high, (ulong)low);
    }

    private IEnumerable<int> Indexes(Func<Series, bool> which) =>
        Enumerable.Range(0, series.Length).Where(i => series[i].Shape is not (Shape.Faults or Shape.Latest) && which(series[i]));

    private IEnumerable<ServiceStep> Steps(int channel, int outcome)
    {
        foreach (var i in Indexes(s => s.Fact == FactKind.Service))
        {
            var (where, hit) = (series[i].Where, series[i].Hit);
            if (!Fits(where))
                continue;
            var step = new ServiceStep
            {
                Series = i,
                Shape = series[i].Shape,
                Value = series[i].Value?.Kind ?? FieldKind.Value,
                Listed = where.Services is null && where.Ranges.Length == 0 ? null : where,
                Range = new(FieldKind.Value, 0, 0),
                Hit = hit is null || !Fits(hit) ? 0 : Number.One,
            };
            // Without the channel or outcome of a hit there is nothing more to ask: it counts below the line only.
            if (hit is null || !Fits(hit))
                yield return step;
            else if (hit is { Services: null, Ranges: [var range] })
                yield return step with { Range = new(range.Field.Kind, range.Min, range.Max) };
            else if (hit.Services is not null || hit.Ranges.Length > 0)
                yield return step with { ManyRanges = hit };
            else
                yield return step;
        }

        bool Fits(Filter filter) => (filter.Channels >> channel & 1) != 0 && (filter.Outcomes >> outcome & 1) != 0;
    }

    /// <summary>What one series does with a service of one channel and outcome.</summary>
    [StructLayout(LayoutKind.Auto)]
    private readonly record struct ServiceStep
    {
        public int Series { get; init; }

        public Shape Shape { get; init; }

        public FieldKind Value { get; init; }

        /// <summary>What is left of the filter to look at; null when nothing is.</summary>
        public Filter? Listed { get; init; }

        /// <summary>Numerator: the usual single range; <see cref="FieldKind.Value"/> when there is none.</summary>
        public HitRange Range { get; init; }

        /// <summary>Numerator: several conditions.</summary>
        public Filter? ManyRanges { get; init; }

        /// <summary>What a hit adds.</summary>
        public long Hit { get; init; }
    }

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct HitRange(FieldKind Field, long Min, long Max);
}
