using System.Collections.Concurrent;

namespace GanFromScratch.Tensors;

/// <summary>Work in units, numbered from 0, that threads divide.</summary>
public interface IJob
{
    /// <summary>Runs the units <paramref name="from"/> to <paramref name="to"/>, exclusive.</summary>
    void Run(int from, int to);

    /// <summary>The job's name in tables of timings.</summary>
    string Name => JobName.Of(GetType());
}

/// <summary>Names jobs that have no name of their own.</summary>
internal static class JobName
{
    private static readonly ConcurrentDictionary<Type, string> Known = [];

    /// <summary>Returns the names of a job's type and its type arguments: `BackwardBody LeakyRelu`.</summary>
    public static string Of(Type job) => Known.GetOrAdd(job, static type => type.DeclaringType?.Name + TypesOf(type)).Trim();

    private static string TypesOf(Type type)
    {
        string name = type.Name.Split('`')[0];
        string own = name is "Job" or "LoopJob" ? "" : $" {name}";
        return own + string.Concat(type.GetGenericArguments().Select(TypesOf));
    }
}
