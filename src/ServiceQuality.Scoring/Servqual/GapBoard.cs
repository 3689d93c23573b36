namespace ServiceQuality.Scoring.Servqual;

/// <summary>What a gap between two views of a dimension is computed from.</summary>
/// <param name="Dimension">Code of the dimension.</param>
/// <param name="Held">What is held inside: the managers' estimate, or the value that a standard promises; on the scale of the answers.</param>
/// <param name="Expected">What customers expect, on the same scale.</param>
public sealed record HeldAgainstExpected(string Dimension, double Held, double Expected);

/// <summary>Whether standards answer the customers' needs (XR-31).</summary>
/// <param name="Needs">Needs of customers on record.</param>
/// <param name="WithoutClause">Those that no clause of a standard answers.</param>
/// <param name="Promised">What standards promise against what customers expect, per dimension; may be empty.</param>
public sealed record StandardsAgainstNeeds(int Needs, int WithoutClause, IReadOnlyList<HeldAgainstExpected> Promised);

/// <summary>An indicator's target and delivery, both in points of its standard (XR-32).</summary>
/// <param name="Code">Code of the indicator.</param>
/// <param name="Name">Name.</param>
/// <param name="Weight">Its weight in the score, ≥ 0.</param>
/// <param name="Target">Points that the target would earn, 0–100.</param>
/// <param name="Delivered">Points that the measured value earned, 0–100.</param>
public sealed record Delivery(string Code, Bilingual Name, double Weight, double Target, double Delivered)
{
    /// <summary>What a score tells of delivery: every scored indicator that has a target.</summary>
    public static IReadOnlyList<Delivery> Of(Score score) =>
    [
        .. score.Leaves.Where(leaf => leaf.State == LeafState.Scored && leaf.Indicator.Target is not null && leaf.EffectiveWeight > 0)
            .Select(leaf => new Delivery(leaf.Indicator.Code, leaf.Indicator.Name, leaf.EffectiveWeight, leaf.Indicator.Standard.Points(leaf.Indicator.Target!.Value), leaf.Points!.Value)),
    ];
}

/// <summary>Promises given and kept in the period (XR-33).</summary>
/// <param name="Given">Promises due.</param>
/// <param name="Kept">Those kept.</param>
public sealed record Promises(int Given, int Kept);

/// <summary>What the five gaps are computed from; whatever is null has not been reported.</summary>
/// <param name="Estimates">Gap 1: managers' estimates of expectations against customers' (XR-30).</param>
/// <param name="Standards">Gap 2 (XR-31).</param>
/// <param name="Deliveries">Gap 3 (XR-32).</param>
/// <param name="Promises">Gap 4 (XR-33).</param>
/// <param name="Perceptions">Gap 5 (XR-34).</param>
/// <param name="ScaleLow">Lower end of the scale of the answers.</param>
/// <param name="ScaleHigh">Upper end of the scale of the answers.</param>
public sealed record GapInputs(
    IReadOnlyList<HeldAgainstExpected>? Estimates = null, StandardsAgainstNeeds? Standards = null, IReadOnlyList<Delivery>? Deliveries = null, Promises? Promises = null,
    ServqualGaps? Perceptions = null, double ScaleLow = 1, double ScaleHigh = 7);

/// <summary>What a gap's value is counted in.</summary>
public enum GapUnit
{
    /// <summary>Steps of the scale of the answers.</summary>
    Scale,

    /// <summary>A share, 0–1, with a minus sign.</summary>
    Share,

    /// <summary>Points of the score.</summary>
    Points,
}

/// <summary>One part of a gap.</summary>
/// <param name="Code">Code of the dimension or indicator.</param>
/// <param name="Name">Name.</param>
/// <param name="Weight">Share in the gap, 0–1.</param>
/// <param name="Aim">What should be: expectation, target.</param>
/// <param name="Found">What is: estimate, promise, delivery, perception.</param>
/// <param name="Gap">Found − aim, in the unit of the gap.</param>
public sealed record GapPart(string Code, Bilingual Name, double Weight, double Aim, double Found, double Gap);

/// <summary>What a gap lacks.</summary>
/// <param name="Data">Which data.</param>
/// <param name="Service">Name of the service that has to publish them.</param>
public sealed record GapNeed(Bilingual Data, string Service);

/// <summary>One of the five gaps.</summary>
/// <param name="Number">1–5.</param>
/// <param name="Code">Code.</param>
/// <param name="Name">Name.</param>
/// <param name="Meaning">Between what and what.</param>
/// <param name="Value">Below 0 the service falls short; null when data are missing.</param>
/// <param name="Unit">Unit of the value.</param>
/// <param name="Width">How wide, as a share of the widest possible: 0 (closed, or better than asked) to 1; comparable between gaps; null when data are missing.</param>
/// <param name="Sample">Pairs, needs, indicators or promises behind it.</param>
/// <param name="Parts">Its parts, widest shortfall first.</param>
/// <param name="Missing">What it lacks; null when it has data.</param>
public sealed record ServiceGap(
    int Number, string Code, Bilingual Name, Bilingual Meaning, double? Value, GapUnit Unit, double? Width, long Sample, IReadOnlyList<GapPart> Parts, GapNeed? Missing);

/// <summary>The five-gap board (SCO-12, XR-30…34; Parasuraman, Zeithaml and Berry 1985).</summary>
/// <param name="Gaps">Gaps 1–5.</param>
/// <param name="Widest">The widest among those with data; null when none has data or none is open.</param>
public sealed record GapBoard(IReadOnlyList<ServiceGap> Gaps, ServiceGap? Widest)
{
    /// <summary>Computes the board from what there is.</summary>
    /// <exception cref="ArgumentException">An input contradicts itself: more promises kept than given, more needs unanswered than there are, a code that is no dimension, a number that is not finite, a scale that does not rise.</exception>
    public static GapBoard Of(GapInputs inputs)
    {
        if (!(inputs.ScaleHigh > inputs.ScaleLow) || !double.IsFinite(inputs.ScaleHigh - inputs.ScaleLow))
            throw new ArgumentException("A scale rises.", nameof(inputs));
        var range = inputs.ScaleHigh - inputs.ScaleLow;
        ServiceGap[] gaps = [Knowledge(inputs.Estimates, range), Standards(inputs.Standards), Delivered(inputs.Deliveries), Communication(inputs.Promises), Perceived(inputs.Perceptions, range)];
        return new(gaps, gaps.Where(gap => gap.Width > 0).MaxBy(gap => gap.Width));
    }

    private static ServiceGap Knowledge(IReadOnlyList<HeldAgainstExpected>? estimates, double range)
    {
        var parts = Parts(estimates ?? []);
        double? value = parts.Count == 0 ? null : parts.Sum(part => part.Weight * part.Gap);
        // Managers who think that customers expect more are wrong too, but do not serve worse for it: only underestimates make it wide.
        return new(1, "knowledge", new("认识差距", "Knowledge gap"), new("管理者估计的顾客期望 − 顾客的期望", "What managers think customers expect − what they expect"), value, GapUnit.Scale, Shortfall(value / range),
            parts.Count, parts, value is null ? new(new("管理者对各维度顾客期望的估计", "Managers' estimates of customers' expectations by dimension"), "customers") : null);
    }

    private static ServiceGap Standards(StandardsAgainstNeeds? input)
    {
        if (input is { Needs: var needs, WithoutClause: var open } && (open < 0 || open > needs))
            throw new ArgumentException($"{open} of {needs} needs cannot be without a clause.", nameof(input));
        double? value = input is { Needs: > 0 } ? -(double)input.WithoutClause / input.Needs : null;
        return new(2, "standards", new("标准差距", "Standards gap"), new("顾客需求中没有标准条款对应的比例", "Customers' needs that no clause of a standard answers"), value, GapUnit.Share, Shortfall(value),
            input?.Needs ?? 0, Parts(input?.Promised ?? []), value is null ? new(new("顾客需求与服务标准条款的对应", "Customers' needs and the clauses that answer them"), "standards") : null);
    }

    private static ServiceGap Delivered(IReadOnlyList<Delivery>? deliveries)
    {
        var known = deliveries ?? [];
        if (known.Any(delivery => !(delivery.Weight >= 0) || !(delivery.Target is >= 0 and <= 100) || !(delivery.Delivered is >= 0 and <= 100)))
            throw new ArgumentException("Targets and deliveries are points within 0–100.", nameof(deliveries));
        var weight = known.Sum(delivery => delivery.Weight);
        List<GapPart> parts = weight > 0
            ? [.. known.Select(one => new GapPart(one.Code, one.Name, one.Weight / weight, one.Target, one.Delivered, one.Delivered - one.Target)).OrderBy(part => part.Weight * part.Gap).ThenBy(part => part.Code, StringComparer.Ordinal)]
            : [];
        double? value = parts.Count == 0 ? null : parts.Sum(part => part.Weight * part.Gap);
        return new(3, "delivery", new("传递差距", "Delivery gap"), new("实际交付 − 服务标准的目标值，按指标折算为分", "Delivery − target of the standard, in points of each indicator"), value, GapUnit.Points, Shortfall(value / 100),
            parts.Count, parts, value is null ? new(new("有目标值且有数据的指标", "Indicators with a target and with data"), "monitoring") : null);
    }

    private static ServiceGap Communication(Promises? promises)
    {
        if (promises is { Given: var given, Kept: var kept } && (kept < 0 || kept > given))
            throw new ArgumentException($"{kept} of {given} promises cannot have been kept.", nameof(promises));
        double? value = promises is { Given: > 0 } ? ((double)promises.Kept / promises.Given) - 1 : null;
        return new(4, "communication", new("沟通差距", "Communication gap"), new("对外承诺中没有兑现的比例", "Promises that were not kept"), value, GapUnit.Share, Shortfall(value),
            promises?.Given ?? 0, [], value is null ? new(new("对外承诺及其兑现情况", "Promises given and kept"), "standards") : null);
    }

    private static ServiceGap Perceived(ServqualGaps? gaps, double range)
    {
        List<GapPart> parts = gaps is null ? [] :
        [
            .. gaps.Dimensions.Where(one => one.Gap is not null).OrderBy(one => one.Weighted).Select(one => new GapPart(one.Dimension.Code, one.Dimension.Name, one.Weight, one.Expectation!.Value, one.Perception!.Value, one.Gap!.Value)),
        ];
        return new(5, "perception", new("感知差距", "Perception gap"), new("顾客的感知 − 顾客的期望", "What customers perceive − what they expect"), gaps?.Total, GapUnit.Scale, Shortfall(gaps?.Total / range),
            gaps?.Dimensions.Sum(one => one.Count) ?? 0, parts, gaps?.Total is null ? new(new("SERVQUAL 问卷的期望与感知", "Expectations and perceptions of SERVQUAL surveys"), "monitoring") : null);
    }

    /// <summary>Parts of a gap per dimension, with the dimensions' weights among those that are there.</summary>
    private static List<GapPart> Parts(IReadOnlyList<HeldAgainstExpected> views)
    {
        var known = views.Select(view => (view, Dimension: ServqualDimension.Find(view.Dimension) ?? throw new ArgumentException($"'{view.Dimension}' is no dimension.", nameof(views)))).ToList();
        if (known.Any(one => !double.IsFinite(one.view.Held) || !double.IsFinite(one.view.Expected)))
            throw new ArgumentException("A view is a finite number.", nameof(views));
        var weight = known.Sum(one => one.Dimension.Weight);
        return
        [
            .. known.Select(one => new GapPart(one.Dimension.Code, one.Dimension.Name, one.Dimension.Weight / weight, one.view.Expected, one.view.Held, one.view.Held - one.view.Expected))
                .OrderBy(part => part.Weight * part.Gap).ThenBy(part => part.Code, StringComparer.Ordinal),
        ];
    }

    private static double? Shortfall(double? share) => share is { } known ? Math.Clamp(-known, 0, 1) : null;
}
