namespace ServiceQuality.Scoring.Servqual;

/// <summary>Something that an inspector or a questionnaire can look at.</summary>
/// <param name="Code">Code; as the item of an answer it stands behind the dimension: <c>reliability.on-time</c>.</param>
/// <param name="Name">What is looked at.</param>
public sealed record CheckPoint(string Code, Bilingual Name);

/// <summary>A sub-dimension of service quality, counted under one of the five dimensions (SCO-10).</summary>
/// <param name="Code">Code.</param>
/// <param name="Name">Name.</param>
/// <param name="Dimension">Code of the dimension that it counts under.</param>
/// <param name="Importance">1 (high) to 5 (low), an attribute for readers; weights are those of the dimensions (assumed).</param>
/// <param name="CheckPoints">What to look at.</param>
public sealed record SubDimension(string Code, Bilingual Name, string Dimension, int Importance, IReadOnlyList<CheckPoint> CheckPoints)
{
    /// <summary>
    /// The library: the five dimensions themselves, and five more that older lists of criteria name (Parasuraman, Zeithaml and Berry 1985), each mapped to one of them
    /// (SCO-10, mapping assumed: communication and understanding to empathy; credibility, security and courtesy to assurance).
    /// </summary>
    public static IReadOnlyList<SubDimension> Library { get; } =
    [
        Of("reliability", "可靠性", "Reliability", "reliability", 1,
            ("consistency", "每次服务表现一致", "The service is the same each time"), ("first-time-right", "一次办对", "Right the first time"), ("bill-right", "账单准确", "The bill is right"),
            ("record-right", "记录准确", "The records are right"), ("on-time", "按约定时间完成", "Done at the time agreed")),
        Of("responsiveness", "响应性", "Responsiveness", "responsiveness", 2,
            ("prompt", "即时办理", "Served at once"), ("quick", "办理迅速", "Served quickly"), ("feedback", "及时回复进展", "Told how it goes"), ("keeps-improving", "持续改进服务", "The service keeps improving")),
        Of("assurance", "保证性", "Assurance", "assurance", 3,
            ("front-skills", "一线人员的知识与技能", "Skills of front staff"), ("operations-skills", "运营人员的知识与技能", "Skills of operations staff"),
            ("support-skills", "支撑人员的知识与技能", "Skills of support staff"), ("research-ability", "组织的研究能力", "The organisation's ability to research")),
        Of("empathy", "移情性", "Empathy", "empathy", 4,
            ("easy-by-phone", "电话容易打通", "Easy to reach by phone"), ("hours", "营业时间方便", "Convenient hours"), ("place", "地点方便", "Convenient place")),
        Of("tangibles", "有形性", "Tangibles", "tangibles", 5,
            ("looks", "环境与人员仪表", "Looks of place and staff"), ("tools", "设备与工具", "Equipment and tools"), ("badge", "证件与标识", "Badge and signs")),
        Of("communication", "交流性", "Communication", "empathy", 2,
            ("plain-words", "用客户听得懂的话", "Words that the customer understands"), ("costs-told", "说明服务内容与费用", "Service and cost are explained"), ("listens", "倾听客户", "Listens to the customer")),
        Of("credibility", "可信性", "Credibility", "assurance", 2,
            ("name", "公司名声", "Name of the company"), ("honest", "人员诚实可信", "Honest staff"), ("no-pressure", "不强行推销", "No pressure to buy")),
        Of("security", "安全性", "Security", "assurance", 1,
            ("physical-safety", "人身安全", "Physical safety"), ("money-safe", "资金安全", "Money is safe"), ("confidential", "信息保密", "Data are confidential")),
        Of("understanding", "理解顾客", "Understanding the customer", "empathy", 3,
            ("needs-learned", "了解客户需求", "Learns what the customer needs"), ("personal-care", "个别关怀", "Cares for the single customer"), ("regulars-known", "认得老客户", "Knows regular customers")),
        Of("courtesy", "礼貌", "Courtesy", "assurance", 3,
            ("polite", "礼貌友善", "Polite and friendly"), ("respects-property", "爱护客户财物", "Takes care of the customer's property"), ("neat", "仪容整洁", "Neat appearance")),
    ];

    private static SubDimension Of(string code, string zh, string en, string dimension, int importance, params (string Code, string Zh, string En)[] points) =>
        new(code, new(zh, en), dimension, importance, [.. points.Select(point => new CheckPoint(point.Code, new(point.Zh, point.En)))]);
}
