namespace ServiceQuality.Contracts.Scores;

/// <summary>
/// A service asks for points to be taken from a unit, or added to it (SCO-18, SCO-19; XR-22 … XR-26). It counts only after a person has confirmed it.
/// The same case under the same rule is one proposal, however often it is told.
/// </summary>
/// <param name="By">Name of the proposing service: <c>improvement</c>.</param>
/// <param name="Unit">The unit responsible.</param>
/// <param name="Rule">Rule of the scheme: <c>untrue-statement</c>, <c>late-report</c>, <c>no-measure</c>, <c>supervision-order</c>, <c>commendation</c>, <c>best-practice</c>; or <c>order-not-held</c> (SCO-20). The rule says how many points.</param>
/// <param name="Case">The order, report or investigation behind it, 1–100 characters.</param>
/// <param name="Happened">When it happened; decides in which period it counts.</param>
/// <param name="Reason">Why, for people; 1–1,000 characters, no names of customers.</param>
/// <param name="Evidence">What proves it, 1–4,000 characters.</param>
public sealed record DeductionProposed(string By, Guid Unit, string Rule, string Case, DateTimeOffset Happened, string Reason, string Evidence);

/// <summary>A proposal was confirmed by another person and counts in the unit's score.</summary>
/// <param name="Deduction">Id in the ledger.</param>
/// <param name="Unit">The unit.</param>
/// <param name="Rule">The rule.</param>
/// <param name="Kind">deduction or bonus.</param>
/// <param name="Points">Points, &gt; 0.</param>
/// <param name="Case">The case behind it.</param>
/// <param name="Happened">When it happened.</param>
/// <param name="By">Who proposed it: a service, or a person's name.</param>
/// <param name="At">When it was confirmed.</param>
public sealed record DeductionConfirmed(Guid Deduction, Guid Unit, string Rule, string Kind, decimal Points, string Case, DateTimeOffset Happened, string By, DateTimeOffset At);

/// <summary>A confirmed deduction or bonus was reversed on appeal and counts no longer; fields as in <see cref="DeductionConfirmed"/>.</summary>
/// <param name="Deduction">Id in the ledger.</param>
/// <param name="Unit">The unit.</param>
/// <param name="Rule">The rule.</param>
/// <param name="Kind">deduction or bonus.</param>
/// <param name="Points">Points, &gt; 0.</param>
/// <param name="Case">The case behind it.</param>
/// <param name="Reason">Why it was reversed.</param>
/// <param name="By">Who proposed it: a service, or a person's name.</param>
/// <param name="At">When it was reversed.</param>
public sealed record DeductionReversed(Guid Deduction, Guid Unit, string Rule, string Kind, decimal Points, string Case, string Reason, string By, DateTimeOffset At);
