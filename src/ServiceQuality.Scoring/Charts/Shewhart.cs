namespace ServiceQuality.Scoring.Charts;

/// <summary>The charts without memory: I-MR, p, u, p′. Limits are 3σ of each point; rules read the points in units of their own σ.</summary>
internal static class Shewhart
{
    /// <summary>d₂ of two: the mean range of two normal values is 2/√π σ.</summary>
    public static readonly double RangeOfTwo = 2 / Math.Sqrt(Math.PI);

    /// <summary>D₄ of two: 1 + 3 d₃/d₂ with d₃² = 2 − d₂².</summary>
    private static readonly double RangeLimit = 1 + (3 * Math.Sqrt(2 - (RangeOfTwo * RangeOfTwo)) / RangeOfTwo);

    public static ControlChart Draw(ChartDesign design, IReadOnlyList<Observation> data)
    {
        var rules = design.Rules ?? RuleSet.ThreeSigma;
        var drawn = data.Select(point => Drawn(design.Type, point)).ToArray();
        var parameters = Parameters.Of(design, data, drawn);
        var (points, signals) = (new ChartPoint[data.Count], new List<Signal>());
        var watch = new RuleWatch(rules);
        for (var i = 0; i < points.Length; i++)
        {
            var range = design.Type == ChartType.IMr && i > 0 ? Math.Abs(drawn[i] - drawn[i - 1] ?? double.NaN) : double.NaN;
            points[i] = Point(design.Type, drawn[i], parameters.SigmaOf(data[i]), parameters.Center, double.IsNaN(range) ? null : range);
            if (points[i].Z is not { } z)
            {
                watch.Reset();
                continue;
            }
            for (var (completed, rule) = (watch.Add(z), 0); completed != 0; completed >>= 1, rule++)
            {
                if ((completed & 1) == 1)
                    signals.Add(Found(rules.Rules[rule], i, points, watch.Span(rules.Rules[rule])));
            }
        }
        return new(design, points, parameters.Center, parameters.Sigma, parameters.MeanRange * RangeLimit, signals, parameters.Reason, parameters.Estimated);
    }

    private static double? Drawn(ChartType type, Observation point) => !ChartGuard.IsPresent(type, point) ? null : ChartGuard.HasSizes(type) ? point.Value / point.Size : point.Value;

    private static ChartPoint Point(ChartType type, double? value, double? sigma, double? center, double? range)
    {
        if (sigma is not { } s || center is not { } middle)
            return new(value, null, null, null, range);
        var (low, high) = (middle - (3 * s), middle + (3 * s));
        var (least, most) = type switch { ChartType.IMr => (double.MinValue, double.MaxValue), ChartType.U => (0, double.MaxValue), _ => (0.0, 1.0) };
        return new(value, Math.Max(least, low), Math.Min(most, high), (value - middle) / s, range);
    }

    private static Signal Found(Rule rule, int at, ChartPoint[] points, int span)
    {
        var upper = points[at].Z > 0;
        var side = rule.Kind switch
        {
            RuleKind.Monotone => points[at].Z > points[at - 1].Z ? SignalSide.Upper : SignalSide.Lower,
            RuleKind.Alternating or RuleKind.Within or RuleKind.Outside => SignalSide.Both,
            _ => upper ? SignalSide.Upper : SignalSide.Lower,
        };
        var concerned = Enumerable.Range(at - span + 1, span);
        if (rule.Kind == RuleKind.Several)
            concerned = concerned.Where(i => upper ? points[i].Z > rule.Limit : points[i].Z < -rule.Limit);
        return new(at, rule.Code, rule.Number, side, [.. concerned], SignalEvidence.Of(rule, points[at].Z!.Value, span));
    }

    /// <summary>Centre line and what the σ of a point follows from.</summary>
    private sealed record Parameters(ChartType Type, double? Center, double? Sigma, double? MeanRange, int Estimated, string? Reason)
    {
        public double? SigmaOf(Observation point) => Reason is not null ? null : Type == ChartType.IMr ? Sigma : ChartGuard.IsPresent(Type, point) ? Natural(Type, Center!.Value, point.Size!.Value) * (Sigma ?? 1) : null;

        public static Parameters Of(ChartDesign design, IReadOnlyList<Observation> data, double?[] drawn)
        {
            var baseline = Math.Min(design.Baseline ?? data.Count, data.Count);
            var present = Enumerable.Range(0, baseline).Where(i => drawn[i] is not null).ToList();
            var needsSigma = design.Type is ChartType.IMr or ChartType.PPrime && design.Sigma is null;
            var estimated = needsSigma || design.Center is null ? present.Count : 0;
            Parameters Without(string reason, double? center = null) => new(design.Type, center, null, null, estimated, reason);

            if (drawn.All(value => value is null))
                return Without("no-data", design.Center);
            if (design.Center is null && present.Count < 2)
                return Without("few-points");
            var center = design.Center ?? (ChartGuard.HasSizes(design.Type) ? present.Sum(i => data[i].Value!.Value) / present.Sum(i => data[i].Size!.Value) : present.Average(i => drawn[i]!.Value));
            if (ChartGuard.HasSizes(design.Type) && Natural(design.Type, center, 1) == 0)
                return Without("zero-variance", center);

            var standard = design.Type == ChartType.PPrime ? [.. data.Select((point, i) => (drawn[i] - center) / Natural(design.Type, center, point.Size ?? 1))] : drawn;
            double? meanRange = design.Type is ChartType.IMr or ChartType.PPrime && MeanRangeOf(standard, baseline) is { } mean ? mean : null;
            var sigma = design.Sigma ?? (needsSigma ? meanRange / RangeOfTwo : null);
            if (needsSigma && sigma is null)
                return Without("few-points", center);
            return needsSigma && sigma <= 1e-13 * Math.Abs(center)
                ? Without("zero-variance", center)
                : new(design.Type, center, sigma, design.Type == ChartType.IMr ? (design.Sigma * RangeOfTwo) ?? meanRange : null, estimated, null);
        }

        private static double Natural(ChartType type, double center, double size) => Math.Sqrt((type == ChartType.U ? center : center * (1 - center)) / size);
    }

    /// <summary>Mean distance of neighbours, none across a gap.</summary>
    internal static double? MeanRangeOf(IReadOnlyList<double?> values, int count)
    {
        var (sum, n) = (0.0, 0);
        for (var i = 1; i < count; i++)
        {
            if (values[i] is not { } value || values[i - 1] is not { } before)
                continue;
            sum += Math.Abs(value - before);
            n++;
        }
        return n == 0 ? null : sum / n;
    }
}
