using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>
/// Tests that take no time worth speaking of: `dotnet test -c Release --filter TestCategory=Quick` runs them all in less than a minute.
/// </summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Method)]
internal sealed class QuickAttribute : CategoryAttribute;
