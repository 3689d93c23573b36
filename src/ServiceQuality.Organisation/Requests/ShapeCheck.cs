using System.Collections;
using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Text.Json;

namespace ServiceQuality.Organisation.Requests;

/// <summary>
/// Checks the data annotations of what a handler is given, all the way down, and answers 400 with the names of the fields. The framework's own
/// validation looks at public types only; requests are internal here.
/// </summary>
internal static class ShapeCheck
{
    public static TBuilder CheckShapes<TBuilder>(this TBuilder routes) where TBuilder : IEndpointConventionBuilder =>
        routes.AddEndpointFilterFactory((context, next) =>
        {
            var services = context.ApplicationServices.GetRequiredService<IServiceProviderIsService>();
            var parameters = context.MethodInfo.GetParameters().Select((parameter, index) => (Parameter: parameter, Index: index))
                .Where(it => it.Parameter.GetCustomAttributes<ValidationAttribute>().Any() || IsOurs(it.Parameter.ParameterType) && !services.IsService(it.Parameter.ParameterType))
                .ToList();
            if (parameters.Count == 0)
                return next;

            return async invocation =>
            {
                var errors = new Dictionary<string, List<string>>();
                foreach (var (parameter, index) in parameters)
                    Check(parameter, invocation.Arguments[index], errors);
                return errors.Count == 0
                    ? await next(invocation)
                    : TypedResults.ValidationProblem(errors.ToDictionary(error => error.Key, error => error.Value.ToArray()), type: Problems.Type("malformed-request"));
            };
        });

    private static void Check(ParameterInfo parameter, object? value, Dictionary<string, List<string>> errors)
    {
        if (value is not null && IsOurs(value.GetType()))
            Walk(value, "", errors);
        else if (value is not null)
            foreach (var attribute in parameter.GetCustomAttributes<ValidationAttribute>().Where(attribute => !attribute.IsValid(value)))
                Add(errors, parameter.Name!, attribute.FormatErrorMessage(parameter.Name!));
    }

    private static void Walk(object value, string path, Dictionary<string, List<string>> errors)
    {
        var found = new List<ValidationResult>();
        Validator.TryValidateObject(value, new ValidationContext(value), found, validateAllProperties: true);
        foreach (var result in found)
            foreach (var member in result.MemberNames)
                Add(errors, $"{path}{JsonNamingPolicy.CamelCase.ConvertName(member)}", result.ErrorMessage ?? "is malformed.");

        foreach (var property in value.GetType().GetProperties().Where(property => property.GetIndexParameters().Length == 0))
        {
            var name = $"{path}{JsonNamingPolicy.CamelCase.ConvertName(property.Name)}";
            var inner = Holds(property.PropertyType) ? property.GetValue(value) : null;
            if (inner is IEnumerable items)
                foreach (var (item, index) in items.Cast<object>().Select((item, index) => (item, index)))
                    Walk(item, $"{name}[{index}].", errors);
            else if (inner is not null)
                Walk(inner, $"{name}.", errors);
        }
    }

    private static bool Holds(Type type) => IsOurs(type) || type.IsGenericType && type.GetGenericArguments() is [var item] && IsOurs(item) && typeof(IEnumerable).IsAssignableFrom(type);

    private static bool IsOurs(Type type) => type.Assembly == typeof(ShapeCheck).Assembly && type is { IsClass: true };

    private static void Add(Dictionary<string, List<string>> errors, string field, string message)
    {
        if (!errors.TryGetValue(field, out var messages))
            errors.Add(field, messages = []);
        messages.Add(message);
    }
}
