using ServiceQuality.Organisation.Sectors;
using ServiceQuality.Organisation.Units;

namespace ServiceQuality.Organisation.Tests;

/// <summary>Rules of the tree (ORG-01 … 03), pure.</summary>
public sealed class OrgUnitTests
{
    private static readonly DateTimeOffset Monday = new(2026, 3, 2, 1, 0, 0, TimeSpan.Zero);
    private static readonly SectorTemplate Telecom = SectorTemplateTests.Telecom();

    [Fact]
    public void A_path_lists_the_codes_from_the_root_down()
    {
        var (_, north, branch) = Chain();

        Assert.Equal("hq/north/", north.Path);
        Assert.Equal("hq/north/n01/", branch.Path);
    }

    [Fact]
    public void A_unit_without_a_time_zone_has_that_of_the_unit_above()
    {
        var (root, _, branch) = Chain();

        Assert.Equal(root.TimeZone, branch.TimeZone);
        Assert.Null(branch.OwnTimeZone);
    }

    [Theory]
    [InlineData("outlet", "head-office", "kind-not-allowed-here")]
    [InlineData("head-office", "head-office", "kind-not-allowed-here")]
    [InlineData("region", "county-branch", "kind-not-allowed-here")]
    [InlineData("county-branch", "region", null)]
    [InlineData("department", "department", null)]
    [InlineData("region", "region", null)]
    public void The_template_says_what_may_stand_under_what(string kind, string parent, string? code) =>
        Assert.Equal(code, Placement.Under(Telecom.Kind(kind)!, parent, UnitState.Active, "hq/", "x").Code);

    [Theory]
    [InlineData("n01", null)]
    [InlineData("N-01", null)]
    [InlineData("", "code-malformed")]
    [InlineData("-n01", "code-malformed")]
    [InlineData("n/01", "code-malformed")]
    [InlineData("n_01", "code-malformed")]
    [InlineData("北", "code-malformed")]
    [InlineData("n01\n", "code-malformed")]
    [InlineData("01890a5d-ac96-774b-bcce-b302099a8057", "code-malformed")]
    [InlineData("a1234567890123456789012345678901234567890", "code-malformed")]
    public void A_code_is_short_and_plain(string code, string? refusal) => Assert.Equal(refusal, Placement.Code(code).Code);

    [Theory]
    [InlineData("outlet", "county-main-hall", null, null)]
    [InlineData("outlet", null, null, "contact-point-type-needed")]
    [InlineData("outlet", "hotline", null, "contact-point-type-needed")]
    [InlineData("region", "hotline", null, "not-a-contact-point")]
    [InlineData("department", null, "network", null)]
    [InlineData("department", null, null, "function-needed")]
    [InlineData("department", null, "catering", "function-not-allowed")]
    [InlineData("region", null, "network", "function-not-allowed")]
    public void The_template_says_what_a_kind_carries(string kind, string? contactPoint, string? function, string? code) =>
        Assert.Equal(code, Placement.Features(Telecom.Kind(kind)!, Features() with { ContactPoint = contactPoint, Functions = function is null ? [] : [function] }, isRoot: false).Code);

    [Theory]
    [InlineData("Asia/Shanghai", null)]
    [InlineData("Mars/Olympus", "time-zone-unknown")]
    [InlineData("China Standard Time", "time-zone-unknown")]
    public void A_time_zone_is_an_IANA_name(string zone, string? code) =>
        Assert.Equal(code, Placement.Features(Telecom.Kind("region")!, Features() with { TimeZone = zone }, isRoot: false).Code);

    [Fact]
    public void A_unit_cannot_move_under_itself_or_below()
    {
        var (root, north, _) = Chain();
        var inner = Add("inner", "region", north);

        Assert.Equal("would-be-cycle", north.MoveUnder(north, Telecom.Kind("region")!, Monday).Code);
        Assert.Equal("would-be-cycle", north.MoveUnder(inner, Telecom.Kind("region")!, Monday).Code);
        Assert.Equal("root-unit", root.MoveUnder(north, Telecom.Root, Monday).Code);
    }

    [Fact]
    public void A_move_changes_path_and_version()
    {
        var (root, _, branch) = Chain();
        var south = Add("south", "region", root);
        var version = branch.Version;

        Assert.False(branch.MoveUnder(south, Telecom.Kind("county-branch")!, Monday).IsRefused);

        Assert.Equal("hq/south/n01/", branch.Path);
        Assert.Equal(version + 1, branch.Version);
    }

    [Fact]
    public void A_unit_lives_from_planned_over_active_and_suspended_to_closed()
    {
        var (_, north, branch) = Chain(UnitState.Planned);

        Assert.Equal("not-active", branch.Suspend(Monday).Code);
        Assert.False(branch.Activate(north, Monday).IsRefused);
        Assert.Equal("already-active", branch.Activate(north, Monday).Code);
        Assert.False(branch.Suspend(Monday).IsRefused);
        Assert.False(branch.Activate(north, Monday).IsRefused);
        Assert.Equal("children-open", branch.Close(hasOpenChildren: true, Monday).Code);
        Assert.False(branch.Close(hasOpenChildren: false, Monday).IsRefused);
        Assert.Equal("unit-closed", branch.Activate(north, Monday).Code);
        Assert.Equal("unit-closed", branch.Change(Features(), Telecom.Kind("county-branch")!, Monday).Code);
    }

    [Fact]
    public void An_unit_is_not_active_before_the_one_above()
    {
        var (_, north, _) = Chain();
        var planned = OrgUnit.Add(Guid.CreateVersion7(Monday), "p1", Telecom.Kind("region")!, Features(), north, UnitState.Planned, Monday);
        var below = OrgUnit.Add(Guid.CreateVersion7(Monday), "p2", Telecom.Kind("county-branch")!, Features(), planned, UnitState.Planned, Monday);

        Assert.Equal("parent-not-active", below.Activate(planned, Monday).Code);
    }

    [Fact]
    public void The_root_is_never_closed() => Assert.Equal("root-unit", Chain().Root.Close(hasOpenChildren: false, Monday).Code);

    [Fact]
    public void A_path_has_a_bound() =>
        Assert.Equal("too-deep", Placement.Under(Telecom.Kind("region")!, "region", UnitState.Active, new string('x', Placement.LongestPath - 3), "n01").Code);

    private static (OrgUnit Root, OrgUnit North, OrgUnit Branch) Chain(UnitState branch = UnitState.Active)
    {
        var root = OrgUnit.Add(Guid.CreateVersion7(Monday), "hq", Telecom.Root, Features() with { TimeZone = "Asia/Shanghai" }, parent: null, UnitState.Active, Monday);
        var north = Add("north", "region", root);
        return (root, north, OrgUnit.Add(Guid.CreateVersion7(Monday), "n01", Telecom.Kind("county-branch")!, Features(), north, branch, Monday));
    }

    private static OrgUnit Add(string code, string kind, OrgUnit parent) =>
        OrgUnit.Add(Guid.CreateVersion7(Monday), code, Telecom.Kind(kind)!, Features(), parent, UnitState.Active, Monday);

    private static UnitFeatures Features() => new(new Names("名", "Name"), null, [], null, null, 0);
}
