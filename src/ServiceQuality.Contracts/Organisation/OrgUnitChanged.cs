namespace ServiceQuality.Contracts.Organisation;

/// <summary>
/// A unit of the organisation tree is now as described (ORG-01, ORG-02). The whole state travels, so that every service keeps its own copy;
/// a message with a lower <paramref name="Version"/> than the copy's is out of date and is dropped.
/// </summary>
/// <param name="Unit">The unit.</param>
/// <param name="Version">Rises by one with every change of this unit.</param>
/// <param name="Code">Short code, unique in the organisation: letters, digits and hyphens.</param>
/// <param name="NameZh">Name in 简体中文.</param>
/// <param name="NameEn">Name in English.</param>
/// <param name="Kind">head-office, region, county-branch, department, outlet, hotline, online-desk, field-team or vip-desk.</param>
/// <param name="ContactPoint">The contact-point type of a leaf (ORG-02), else null.</param>
/// <param name="Parent">The unit above; null for the root.</param>
/// <param name="Path">Codes from the root down to this unit, each followed by a slash: <c>hq/north/n01/</c>. A subtree is a prefix.</param>
/// <param name="TimeZone">IANA time zone of the unit, its own or inherited.</param>
/// <param name="CustomersServed">Customers served, ≥ 0; the base of volume weights (SCO-29).</param>
/// <param name="State">planned, active, suspended or closed; facts are taken for active and suspended units.</param>
/// <param name="At">When it changed.</param>
public sealed record OrgUnitChanged(
    Guid Unit, long Version, string Code, string NameZh, string NameEn, string Kind, string? ContactPoint,
    Guid? Parent, string Path, string TimeZone, long CustomersServed, string State, DateTimeOffset At);

/// <summary>A service with an empty copy of the tree asks Organisation to publish every unit again as <see cref="OrgUnitChanged"/>.</summary>
/// <param name="By">Name of the asking service.</param>
public sealed record OrgUnitsRequested(string By);

/// <summary>An API key may no longer be used; whoever caches keys drops it.</summary>
public sealed record ApiKeyRevoked(Guid Key, DateTimeOffset At);
