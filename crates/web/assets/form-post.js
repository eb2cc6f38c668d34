// Sends the form of the page on its way (OAuth 2.0 Form Post Response Mode §2). By the prototype: a parameter of the
// answer may be called `submit`, and would hide the form's own method.
HTMLFormElement.prototype.submit.call(document.forms[0]);
