using System.Collections.Frozen;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using ServiceQuality.Contracts.Facts;

namespace ServiceQuality.Cli.Import;

/// <summary>A field of a fact type, as the contract declares it.</summary>
/// <param name="Name">JSON name.</param>
/// <param name="Type">Type without its nullability.</param>
/// <param name="Optional">True when a fact may go without it.</param>
internal sealed record FactField(string Name, Type Type, bool Optional)
{
    private readonly FrozenDictionary<string, object>? names = Type.IsEnum
        ? Type.GetFields(BindingFlags.Public | BindingFlags.Static).ToFrozenDictionary(
            field => field.GetCustomAttribute<JsonStringEnumMemberNameAttribute>()?.Name ?? field.Name, field => field.GetValue(null)!)
        : null;

    /// <summary>What stands in the record where a fact goes without the field.</summary>
    public object? WhenAbsent { get; init; }

    /// <summary>True for a table of answers by question.</summary>
    public bool IsTable => Type == typeof(IReadOnlyDictionary<string, double>);

    /// <summary>What a cell is taken for when the map does not say.</summary>
    public string Usual => Type == typeof(string) || Type.IsEnum ? "text" : Type == typeof(int) ? "integer" : "number";

    /// <summary>The names that an enumerated field may have; null for others.</summary>
    public IEnumerable<string>? Names => names?.Keys;

    /// <summary>The value in the type of the field, or a fault.</summary>
    public Cell Fit(object? value)
    {
        if (value is null)
            return Optional ? Cell.Of(WhenAbsent) : Cell.Bad($"{Name}: is empty");
        if (names is not null)
            return value is string name && names.TryGetValue(name, out var member) ? Cell.Of(member) : Cell.Bad($"{Name}: '{value}' is none of {string.Join(", ", names.Keys.Order())}");
        return (Type, value) switch
        {
            (_, string text) when Type == typeof(string) => Cell.Of(text),
            (_, decimal number) when Type == typeof(double) => Cell.Of((double)number),
            (_, decimal number) when Type == typeof(decimal) => Cell.Of(number),
            (_, decimal number) when Type == typeof(int) && decimal.IsInteger(number) && Math.Abs(number) <= int.MaxValue => Cell.Of((int)number),
            (_, bool yes) when Type == typeof(int) => Cell.Of(yes ? 1 : 0),
            (_, bool yes) when Type == typeof(double) => Cell.Of(yes ? 1.0 : 0.0),
            _ => Cell.Bad($"{Name}: '{value}' is not a {(Type == typeof(string) ? "text" : "number that fits")}"),
        };
    }
}

/// <summary>The fields of a fact type that is telemetry, read from the contract's record, so that a new one can be imported the day it exists.</summary>
internal sealed class FactShape
{
    private static readonly FrozenDictionary<string, FactShape> Shapes = typeof(FactTypes)
        .GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(constant => (Type: (string)constant.GetRawConstantValue()!, Data: typeof(FactData).Assembly.GetType($"{typeof(FactData).Namespace}.{constant.Name}")))
        .Where(pair => pair.Data?.IsSubclassOf(typeof(FactData)) == true && !FactTypes.Domain.Contains(pair.Type))
        .ToFrozenDictionary(pair => pair.Type, pair => new FactShape(pair.Data!));

    private readonly ConstructorInfo make;

    private FactShape(Type data)
    {
        make = data.GetConstructors().Single();
        var nullability = new NullabilityInfoContext();
        Fields = [.. make.GetParameters().Select(parameter =>
        {
            var type = Nullable.GetUnderlyingType(parameter.ParameterType) ?? parameter.ParameterType;

            // A count that nobody reports is none.
            var optional = nullability.Create(parameter).ReadState == NullabilityState.Nullable || parameter.ParameterType == typeof(int);
            return new FactField(JsonNamingPolicy.CamelCase.ConvertName(parameter.Name!), type, optional) { WhenAbsent = parameter.ParameterType == typeof(int) ? 0 : null };
        })];
    }

    public IReadOnlyList<FactField> Fields { get; }

    public static IEnumerable<string> Types => Shapes.Keys.Order();

    public static FactShape? Of(string type) => Shapes.GetValueOrDefault(type);

    /// <summary>The data with these values, in the order of <see cref="Fields"/>.</summary>
    public FactData Make(object?[] values) => (FactData)make.Invoke(values);
}
