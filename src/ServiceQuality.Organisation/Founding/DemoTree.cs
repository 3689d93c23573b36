using ServiceQuality.Organisation.Units;

namespace ServiceQuality.Organisation.Founding;

/// <summary>The demo organisation: a fictional group of 3 regions × 8 branches, each with four contact points. Follows the template telecom.</summary>
internal static class DemoTree
{
    public const string Root = "hq";
    public const string Template = "telecom";

    public static readonly UnitFeatures RootFeatures = new(new Names("远汀服务集团", "Yuanting Service Group"), null, [], "Asia/Shanghai", null, 0);

    /// <summary>Regions with their branches; customers served tell large branches from small ones.</summary>
    public static readonly IReadOnlyList<(string Code, Names Name, IReadOnlyList<(Names Name, int Customers)> Branches)> Regions =
    [
        ("north", new("北区", "North"),
        [
            (new("青砚", "Qingyan"), 182_000), (new("临禾", "Linhe"), 96_500), (new("云桥", "Yunqiao"), 143_200), (new("鹤汀", "Heting"), 74_800),
            (new("松坪", "Songping"), 58_300), (new("石澜", "Shilan"), 121_700), (new("望渡", "Wangdu"), 42_600), (new("霜林", "Shuanglin"), 35_900),
        ]),
        ("central", new("中区", "Central"),
        [
            (new("梅屿", "Meiyu"), 205_400), (new("栖原", "Qiyuan"), 88_100), (new("柏川", "Baichuan"), 132_900), (new("竹泠", "Zhuling"), 51_200),
            (new("麦岭", "Mailing"), 67_500), (new("枫渚", "Fengzhu"), 110_300), (new("苇塘", "Weitang"), 46_700), (new("澄湾", "Chengwan"), 93_800),
        ]),
        ("south", new("南区", "South"),
        [
            (new("翠屿", "Cuiyu"), 164_600), (new("榕浦", "Rongpu"), 149_000), (new("珠岬", "Zhujia"), 101_400), (new("橙湖", "Chenghu"), 79_200),
            (new("沙涌", "Shayong"), 63_100), (new("墨池", "Mochi"), 54_400), (new("蓝坝", "Lanba"), 38_500), (new("烟渡", "Yandu"), 29_700),
        ]),
    ];

    /// <summary>Every unit below the root, parents before children.</summary>
    public static IReadOnlyList<NewUnit> Units()
    {
        var units = new List<NewUnit>();
        foreach (var (region, name, branches) in Regions)
        {
            units.Add(Active(region, "region", Root, name));
            for (var number = 1; number <= branches.Count; number++)
            {
                var (branch, customers) = branches[number - 1];
                var code = $"{region[0]}{number:00}";
                units.Add(Active(code, "county-branch", region, branch, customers: customers, function: "county-branch"));
                units.AddRange(ContactPoints(code, branch, number, customers));
            }
        }
        return units;
    }

    /// <summary>A main hall, a second hall that is an agency in every other branch, a hotline or online desk, and a field team.</summary>
    private static IEnumerable<NewUnit> ContactPoints(string branch, Names name, int number, int customers)
    {
        yield return Active($"{branch}-hall1", "outlet", branch, new($"{name.Zh}主营业厅", $"{name.En} main hall"), "county-main-hall", customers * 5 / 10);
        yield return number % 2 == 0
            ? Active($"{branch}-hall2", "outlet", branch, new($"{name.Zh}乡镇代办厅", $"{name.En} rural agency"), "rural-agency-hall", customers * 2 / 10)
            : Active($"{branch}-hall2", "outlet", branch, new($"{name.Zh}合作营业厅", $"{name.En} partner hall"), "social-channel-hall", customers * 2 / 10);
        yield return number % 3 == 0
            ? Active($"{branch}-online", "online-desk", branch, new($"{name.Zh}在线客服", $"{name.En} online desk"), "online-desk", customers * 2 / 10)
            : Active($"{branch}-hotline", "hotline", branch, new($"{name.Zh}热线席", $"{name.En} hotline desk"), "hotline", customers * 2 / 10);
        yield return Active($"{branch}-field", "field-team", branch, new($"{name.Zh}装维班", $"{name.En} field team"), "field-crew", customers / 10);
    }

    private static NewUnit Active(string code, string kind, string parent, Names name, string? contactPoint = null, long customers = 0, string? function = null) => new()
    {
        Code = code,
        Kind = kind,
        Parent = parent,
        Name = name,
        ContactPoint = contactPoint,
        CustomersServed = customers,
        Functions = function is null ? [] : [function],
        State = UnitState.Active,
    };
}
