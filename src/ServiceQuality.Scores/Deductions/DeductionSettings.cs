using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;
using ServiceQuality.Scores.Schemes;
using ServiceQuality.Scores.Units;
using ServiceQuality.Scoring;

namespace ServiceQuality.Scores.Deductions;

/// <summary>Rules of the ledger that no scheme holds. Section <c>Deductions</c>.</summary>
internal sealed class DeductionSettings
{
    public const string Section = "Deductions";

    /// <summary>Points that an order whose hold check failed takes from the annual result (SCO-20).</summary>
    [Range(typeof(decimal), "0.01", "100")]
    public decimal OrderNotHeldPoints { get; set; } = 1;
}

/// <summary>The rules under which points are taken or added: those of the scheme in force, and <c>order-not-held</c>, which counts in the annual result alone.</summary>
internal sealed class DeductionRulebook(SchemeBook schemes, UnitReplica units, IOptions<DeductionSettings> settings, TimeProvider clock)
{
    /// <summary>Rule of SCO-20: no scheme knows it, so that it counts in no score but the annual one.</summary>
    public const string OrderNotHeld = "order-not-held";

    private static readonly Bilingual OrderNotHeldName = new("督办整改未巩固（仅计入年度结果）", "Rectification order not held (annual result only)");

    /// <summary>The rules in force on the day on which a case happened.</summary>
    public IReadOnlyDictionary<string, AdjustmentRule> On(DateTimeOffset happened) =>
        schemes.InForce(units.Tree.Today(happened)).Adjustments.Values
            .Append(new AdjustmentRule(OrderNotHeld, AdjustmentKind.Deduction, OrderNotHeldName, settings.Value.OrderNotHeldPoints, null))
            .DistinctBy(rule => rule.Rule).ToDictionary(rule => rule.Rule);

    /// <summary>The rules in force today.</summary>
    public IReadOnlyDictionary<string, AdjustmentRule> Today => On(clock.GetUtcNow());
}
