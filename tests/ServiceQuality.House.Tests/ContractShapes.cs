using System.Reflection;
using System.Text;
using System.Text.Json.Serialization;
using ServiceQuality.Contracts.Facts;

namespace ServiceQuality.House;

/// <summary>
/// Contracts grow, they do not change (design.md, "Messages between services"). The shapes of today are written down in
/// <c>contract-shapes.txt</c>; a line that disappears or changes is a break for every service and branch system that is already out there.
/// With WRITE_CONTRACT_SHAPES=1 the test adds the new lines to the file, and only those.
/// </summary>
public sealed class ContractShapes
{
    private static readonly string Written = Path.Combine(Tree.Root, "tests", "ServiceQuality.House.Tests", "contract-shapes.txt");

    [Fact]
    public void PLT_01_Contracts_only_grow()
    {
        var now = Shapes().ToHashSet();
        var gone = File.ReadAllLines(Written).Where(line => line.Length > 0 && !now.Contains(line));

        Assert.Empty(gone);
    }

    [Fact]
    public void PLT_01_A_new_contract_is_written_down()
    {
        if (Environment.GetEnvironmentVariable("WRITE_CONTRACT_SHAPES") == "1")
            File.WriteAllLines(Written, File.ReadAllLines(Written).Union(Shapes()).Order(StringComparer.Ordinal));
        var written = File.ReadAllLines(Written).ToHashSet();

        Assert.DoesNotContain(Shapes(), line => !written.Contains(line));
    }

    private static IEnumerable<string> Shapes() =>
        from type in typeof(FactData).Assembly.GetExportedTypes().OrderBy(type => type.FullName, StringComparer.Ordinal)
        from line in type.IsEnum ? Values(type) : type.IsAbstract ? Constants(type) : Properties(type)
        select $"{type.FullName}.{line}";

    private static IEnumerable<string> Values(Type type) =>
        type.GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => field.GetCustomAttribute<JsonStringEnumMemberNameAttribute>()?.Name ?? field.Name);

    private static IEnumerable<string> Constants(Type type) =>
        type.GetFields(BindingFlags.Public | BindingFlags.Static).Where(field => field.IsLiteral).Select(field => $"{field.Name} = {field.GetRawConstantValue()}");

    private static IEnumerable<string> Properties(Type type) =>
        type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.DeclaringType == type || property.DeclaringType!.IsAbstract).Select(property => $"{property.Name}: {Name(property)}");

    private static string Name(PropertyInfo property)
    {
        var optional = new NullabilityInfoContext().Create(property).ReadState == NullabilityState.Nullable ? "?" : "";
        var type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        var name = new StringBuilder(type.Name.Split('`')[0]);
        if (type.IsGenericType)
            name.Append('<').AppendJoin(", ", type.GetGenericArguments().Select(argument => argument.Name)).Append('>');
        return name + optional;
    }
}
